DROP INDEX idempotency_records_kept_at;
ALTER TABLE idempotency_records DROP COLUMN bytes;
ALTER TABLE idempotency_records DROP COLUMN user_id;
ALTER TABLE idempotency_records RENAME TO claims;
CREATE INDEX claims_kept_at ON claims (kept_at);
