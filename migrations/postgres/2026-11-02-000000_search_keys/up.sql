-- The texts by which users are searched for, next to the members that they are made of, as `username_key` is. The service
-- computes them; what is here already gets what `lower` makes of it, which for letters outside of ASCII depends on the
-- locale of the database.
ALTER TABLE users
    ADD COLUMN first_name_key   text COLLATE "C",
    ADD COLUMN last_name_key    text COLLATE "C",
    ADD COLUMN email_key        text COLLATE "C",
    ADD COLUMN organization_key text COLLATE "C";

UPDATE users
SET first_name_key   = lower(first_name),
    last_name_key    = lower(last_name),
    email_key        = lower(email),
    organization_key = lower(organization)
WHERE coalesce(first_name, last_name, email, organization) IS NOT NULL;

-- One index for each, with the id behind it, so that a search is read where its page begins and in its order. The key of
-- the username has its unique index. All of them change as rarely as names do: updates of other members stay heap-only.
CREATE INDEX users_first_name_key_id ON users (first_name_key, id) WHERE first_name_key IS NOT NULL;
CREATE INDEX users_last_name_key_id ON users (last_name_key, id) WHERE last_name_key IS NOT NULL;
CREATE INDEX users_email_key_id ON users (email_key, id) WHERE email_key IS NOT NULL;
CREATE INDEX users_organization_key_id ON users (organization_key, id) WHERE organization_key IS NOT NULL;
