-- The tokens stay, without scopes: nobody can do anything with them.
ALTER TABLE tokens
    DROP COLUMN may_set,
    DROP COLUMN user_id;
