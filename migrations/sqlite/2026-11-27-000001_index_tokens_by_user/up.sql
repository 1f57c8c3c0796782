-- The deletion of a user revokes its self-service tokens. Other tokens stand in no row of this index.
CREATE INDEX tokens_user_id ON tokens (user_id) WHERE user_id IS NOT NULL;
