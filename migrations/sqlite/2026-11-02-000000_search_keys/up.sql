-- What users are searched by: the members in lower case, as the program makes them. The key of the username is there.
ALTER TABLE users ADD COLUMN first_name_key   TEXT;
ALTER TABLE users ADD COLUMN last_name_key    TEXT;
ALTER TABLE users ADD COLUMN email_key        TEXT;
ALTER TABLE users ADD COLUMN organization_key TEXT;

-- SQLite's lower() knows the letters of ASCII alone. A user who was here before, and has others in upper case, is found by
-- them in lower case once the member is written anew.
UPDATE users SET
    first_name_key   = lower(first_name),
    last_name_key    = lower(last_name),
    email_key        = lower(email),
    organization_key = lower(organization);

-- A page of a search is read where it begins and in its order; users without the member stand in none of them.
CREATE INDEX users_first_name_key_id   ON users (first_name_key, id)   WHERE first_name_key IS NOT NULL;
CREATE INDEX users_last_name_key_id    ON users (last_name_key, id)    WHERE last_name_key IS NOT NULL;
CREATE INDEX users_email_key_id        ON users (email_key, id)        WHERE email_key IS NOT NULL;
CREATE INDEX users_organization_key_id ON users (organization_key, id) WHERE organization_key IS NOT NULL;
