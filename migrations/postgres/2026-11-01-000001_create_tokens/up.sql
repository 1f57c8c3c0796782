-- The secret of a token is never kept, only its SHA-256.
CREATE TABLE tokens (
    id           text COLLATE "C" NOT NULL,
    name         text             NOT NULL,
    secret_hash  bytea            NOT NULL,
    scopes       text             NOT NULL,
    created_at   timestamptz      NOT NULL,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_on date,
    CONSTRAINT tokens_pkey PRIMARY KEY (id)
);
