use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;
use users_ports::{
    CommandOutcome, IdempotentRequest, KEPT_FOR, PORTION_BYTES, RecordUsage, RepositoryError, WriteError,
    only_user, outcomes_from_text, outcomes_to_text,
};

use crate::schema::idempotency_records;

/// What is kept under an idempotency record at `now`, if anything is.
pub(crate) fn kept(
    connection: &mut SqliteConnection,
    request: &IdempotentRequest,
    now: DateTime<Utc>,
) -> QueryResult<Result<Option<Vec<CommandOutcome>>, WriteError>> {
    let row: Option<(Vec<u8>, String)> = idempotency_records::table
        .find((&request.caller, &request.key))
        .filter(idempotency_records::kept_at.ge(first_instant(now)))
        .select((idempotency_records::fingerprint, idempotency_records::outcomes))
        .first(connection)
        .optional()?;
    let Some((fingerprint, outcomes)) = row else { return Ok(Ok(None)) };
    if fingerprint != request.fingerprint {
        return Ok(Err(WriteError::KeyReused));
    }
    let outcomes = outcomes_from_text(&outcomes);
    Ok(outcomes.map(Some).map_err(|error| RepositoryError::Internal(error.to_string()).into()))
}

/// Keeps the outcomes under the idempotency record, in place of any that have had their time.
pub(crate) fn keep(
    connection: &mut SqliteConnection,
    request: &IdempotentRequest,
    outcomes: &[CommandOutcome],
    now: DateTime<Utc>,
) -> QueryResult<()> {
    let text = outcomes_to_text(outcomes).map_err(|error| Error::SerializationError(Box::new(error)))?;
    let bytes = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let row = (
        idempotency_records::caller.eq(&request.caller),
        idempotency_records::key.eq(&request.key),
        idempotency_records::fingerprint.eq(request.fingerprint.as_slice()),
        idempotency_records::kept_at.eq(now.timestamp_micros()),
        idempotency_records::outcomes.eq(text),
        idempotency_records::bytes.eq(bytes),
        idempotency_records::user_id.eq(only_user(outcomes)),
    );
    diesel::replace_into(idempotency_records::table).values(row).execute(connection)?;
    Ok(())
}

/// Removes up to `most` records that have expired at `now`, the oldest first, until they make up a portion.
pub(crate) fn forget(connection: &mut SqliteConnection, most: u32, now: DateTime<Utc>) -> QueryResult<u64> {
    let forgotten = diesel::sql_query(
        "DELETE FROM idempotency_records WHERE rowid IN (SELECT number FROM \
         (SELECT number, sum(bytes) OVER (ORDER BY kept_at, number) - bytes AS before FROM \
         (SELECT rowid AS number, kept_at, bytes FROM idempotency_records WHERE kept_at < ? \
         ORDER BY kept_at LIMIT ?)) WHERE before < ?)",
    )
    .bind::<BigInt, _>(first_instant(now))
    .bind::<BigInt, _>(i64::from(most))
    .bind::<BigInt, _>(PORTION_BYTES.cast_signed())
    .execute(connection)?;
    Ok(forgotten as u64)
}

/// The room that each caller's records take.
pub(crate) fn usage(connection: &mut SqliteConnection) -> QueryResult<Vec<RecordUsage>> {
    let rows: Vec<UsageRow> = diesel::sql_query(
        "SELECT caller, count(*) AS records, sum(bytes) AS bytes, min(kept_at) AS oldest \
         FROM idempotency_records GROUP BY caller",
    )
    .load(connection)?;
    let usage = |UsageRow { caller, records, bytes, oldest }| RecordUsage {
        caller,
        records: u64::try_from(records).unwrap_or_default(),
        bytes: u64::try_from(bytes).unwrap_or_default(),
        oldest: DateTime::from_timestamp_micros(oldest).unwrap_or_default(),
    };
    Ok(rows.into_iter().map(usage).collect())
}

#[derive(QueryableByName)]
struct UsageRow {
    #[diesel(sql_type = Text)]
    caller: String,
    #[diesel(sql_type = BigInt)]
    records: i64,
    #[diesel(sql_type = BigInt)]
    bytes: i64,
    #[diesel(sql_type = BigInt)]
    oldest: i64,
}

/// The first instant, in microseconds since 1970, at which an idempotency record was kept that holds at `now`.
fn first_instant(now: DateTime<Utc>) -> i64 {
    now.checked_sub_signed(KEPT_FOR).unwrap_or(DateTime::<Utc>::MIN_UTC).timestamp_micros()
}
