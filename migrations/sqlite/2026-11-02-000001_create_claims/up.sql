-- What was done under the keys that callers chose, so that it is done once.
-- Instants are whole microseconds since 1970 (UTC). Rows can be large, so this table has rowids.
CREATE TABLE claims (
    caller      TEXT   NOT NULL,
    key         TEXT   NOT NULL,
    fingerprint BLOB   NOT NULL,
    kept_at     BIGINT NOT NULL,
    outcomes    TEXT   NOT NULL,
    CONSTRAINT claims_pkey PRIMARY KEY (caller, key)
);

-- By it the claims that have had their time are found and forgotten.
CREATE INDEX claims_kept_at ON claims (kept_at);
