-- The indexes go with their columns.
ALTER TABLE users
    DROP COLUMN first_name_key,
    DROP COLUMN last_name_key,
    DROP COLUMN email_key,
    DROP COLUMN organization_key;
