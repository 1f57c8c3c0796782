-- The table gets the name of what it holds, the size of each record's outcomes, and the user if a request was for one.
ALTER TABLE claims RENAME TO idempotency_records;
ALTER TABLE idempotency_records RENAME CONSTRAINT claims_pkey TO idempotency_records_pkey;
ALTER TABLE idempotency_records
    ADD COLUMN bytes   bigint NOT NULL DEFAULT 0,
    ADD COLUMN user_id text COLLATE "C";
UPDATE idempotency_records SET bytes = octet_length(outcomes);

-- Finds the records that have expired, and the room that each caller's take without reading the table.
DROP INDEX claims_kept_at;
CREATE INDEX idempotency_records_kept_at ON idempotency_records (kept_at, caller, bytes);

-- For copies of the version before, while they are replaced. Whoever could use the table can use the view.
CREATE VIEW claims AS SELECT caller, key, fingerprint, kept_at, outcomes FROM idempotency_records;
DO $$
DECLARE entry record;
BEGIN
    FOR entry IN
        SELECT acl.grantee::regrole AS grantee, acl.privilege_type
        FROM pg_class, aclexplode(relacl) AS acl
        WHERE pg_class.oid = 'idempotency_records'::regclass AND acl.grantee <> 0
          AND acl.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    LOOP
        EXECUTE format('GRANT %s ON claims TO %s', entry.privilege_type, entry.grantee);
    END LOOP;
END $$;
