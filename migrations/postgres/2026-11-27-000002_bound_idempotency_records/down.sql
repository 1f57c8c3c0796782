DROP VIEW claims;
DROP INDEX idempotency_records_kept_at;
ALTER TABLE idempotency_records DROP COLUMN bytes, DROP COLUMN user_id;
ALTER TABLE idempotency_records RENAME CONSTRAINT idempotency_records_pkey TO claims_pkey;
ALTER TABLE idempotency_records RENAME TO claims;
CREATE INDEX claims_kept_at ON claims (kept_at);
