-- The secret of a token is never kept, only its SHA-256.
-- Instants are whole microseconds since 1970 (UTC), days are written YYYY-MM-DD.
CREATE TABLE tokens (
    id           TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    secret_hash  BLOB   NOT NULL,
    scopes       TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,
    revoked_at   BIGINT,
    last_used_on TEXT,
    CONSTRAINT tokens_pkey PRIMARY KEY (id)
) WITHOUT ROWID;
