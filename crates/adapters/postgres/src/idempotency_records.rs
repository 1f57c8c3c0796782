use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_types::{BigInt, Bool, Text, Timestamptz};
use users_ports::{
    CommandOutcome, IdempotentRequest, KEPT_FOR, PORTION_BYTES, RecordUsage, RepositoryError, WriteError,
    only_user, outcomes_from_text, outcomes_to_text,
};

use crate::schema::idempotency_records;

/// Locks what is kept under the idempotency record until the transaction ends; `false` where somebody else has it.
///
/// The lock is one of PostgreSQL's own, since there is no row yet. Keys with the same hash, of 64 bits, share one.
pub(crate) fn lock(connection: &mut PgConnection, request: &IdempotentRequest) -> QueryResult<bool> {
    let lock = diesel::dsl::sql::<Bool>("SELECT pg_try_advisory_xact_lock(hashtextextended(")
        .bind::<Text, _>(&request.key)
        .sql(", hashtextextended(")
        .bind::<Text, _>(&request.caller)
        .sql(", 0)))");
    lock.get_result(connection)
}

/// What is kept under an idempotency record at `now`, if anything is.
pub(crate) fn kept(
    connection: &mut PgConnection,
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
    connection: &mut PgConnection,
    request: &IdempotentRequest,
    outcomes: &[CommandOutcome],
    now: DateTime<Utc>,
) -> QueryResult<()> {
    let text = outcomes_to_text(outcomes).map_err(|error| Error::SerializationError(Box::new(error)))?;
    let bytes = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let content = (
        idempotency_records::fingerprint.eq(request.fingerprint.as_slice()),
        idempotency_records::kept_at.eq(now),
        idempotency_records::outcomes.eq(text),
        idempotency_records::bytes.eq(bytes),
        idempotency_records::user_id.eq(only_user(outcomes)),
    );
    diesel::insert_into(idempotency_records::table)
        .values((
            idempotency_records::caller.eq(&request.caller),
            idempotency_records::key.eq(&request.key),
            content.clone(),
        ))
        .on_conflict((idempotency_records::caller, idempotency_records::key))
        .do_update()
        .set(content)
        .execute(connection)?;
    Ok(())
}

/// Removes up to `most` records that have expired at `now`, the oldest first, until they make up a portion. One that is being replaced at
/// this moment is left alone, and not waited for.
pub(crate) fn forget(connection: &mut PgConnection, most: u32, now: DateTime<Utc>) -> QueryResult<u64> {
    let forgotten = diesel::sql_query(
        "DELETE FROM idempotency_records WHERE ctid = ANY (ARRAY(SELECT ctid FROM \
         (SELECT ctid, sum(bytes) OVER (ORDER BY kept_at, ctid) - bytes AS before FROM \
         (SELECT ctid, kept_at, bytes FROM idempotency_records WHERE kept_at < $1 \
         ORDER BY kept_at LIMIT $2 FOR UPDATE SKIP LOCKED) AS oldest) AS summed WHERE before < $3))",
    )
    .bind::<Timestamptz, _>(first_instant(now))
    .bind::<BigInt, _>(i64::from(most))
    .bind::<BigInt, _>(PORTION_BYTES.cast_signed())
    .execute(connection)?;
    Ok(forgotten as u64)
}

/// The room that each caller's records take.
pub(crate) fn usage(connection: &mut PgConnection) -> QueryResult<Vec<RecordUsage>> {
    let rows: Vec<UsageRow> = diesel::sql_query(
        "SELECT caller, count(*) AS records, sum(bytes)::bigint AS bytes, min(kept_at) AS oldest \
         FROM idempotency_records GROUP BY caller",
    )
    .load(connection)?;
    let usage = |UsageRow { caller, records, bytes, oldest }| RecordUsage {
        caller,
        records: u64::try_from(records).unwrap_or_default(),
        bytes: u64::try_from(bytes).unwrap_or_default(),
        oldest,
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
    #[diesel(sql_type = Timestamptz)]
    oldest: DateTime<Utc>,
}

/// The first instant at which an idempotency record was kept that holds at `now`.
fn first_instant(now: DateTime<Utc>) -> DateTime<Utc> {
    now.checked_sub_signed(KEPT_FOR).unwrap_or(now)
}
