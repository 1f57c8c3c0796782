DROP INDEX users_organization_key_id;
DROP INDEX users_email_key_id;
DROP INDEX users_last_name_key_id;
DROP INDEX users_first_name_key_id;
ALTER TABLE users DROP COLUMN organization_key;
ALTER TABLE users DROP COLUMN email_key;
ALTER TABLE users DROP COLUMN last_name_key;
ALTER TABLE users DROP COLUMN first_name_key;
