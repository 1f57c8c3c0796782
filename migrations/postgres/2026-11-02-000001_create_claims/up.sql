-- What came of a request that is to take effect once, under the key that its caller has chosen. Kept in the transaction
-- that carries the request out, and swept when it is a day old.
CREATE TABLE claims (
    caller      text COLLATE "C" NOT NULL,
    key         text COLLATE "C" NOT NULL,
    fingerprint bytea            NOT NULL,
    kept_at     timestamptz      NOT NULL,
    outcomes    text             NOT NULL,
    CONSTRAINT claims_pkey PRIMARY KEY (caller, key)
);
CREATE INDEX claims_kept_at ON claims (kept_at);
