-- The table gets the name of what it holds, the size of each record's outcomes, and the user if a request was for one.
ALTER TABLE claims RENAME TO idempotency_records;
ALTER TABLE idempotency_records ADD COLUMN bytes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE idempotency_records ADD COLUMN user_id TEXT;
UPDATE idempotency_records SET bytes = length(CAST(outcomes AS BLOB));

-- Finds the records that have expired, and the room that each caller's take without reading the table.
DROP INDEX claims_kept_at;
CREATE INDEX idempotency_records_kept_at ON idempotency_records (kept_at, caller, bytes);
