-- Tokens that are for one user: whose they are, and which members they may set. They have no scopes, so a version of the
-- service that does not know them lets them do nothing, and so does the schema without these columns.
ALTER TABLE tokens ADD COLUMN user_id TEXT;
ALTER TABLE tokens ADD COLUMN may_set TEXT;
