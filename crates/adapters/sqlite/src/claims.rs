use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sqlite::SqliteConnection;
use users_ports::{
    Claim, CommandOutcome, KEPT_FOR, RepositoryError, TransactError, outcomes_from_text, outcomes_to_text,
};

use crate::schema::claims;

/// What is kept under a claim at `now`, if anything is.
pub(crate) fn kept(
    connection: &mut SqliteConnection,
    claim: &Claim,
    now: DateTime<Utc>,
) -> QueryResult<Result<Option<Vec<CommandOutcome>>, TransactError>> {
    let row: Option<(Vec<u8>, String)> = claims::table
        .find((&claim.caller, &claim.key))
        .filter(claims::kept_at.ge(first_instant(now)))
        .select((claims::fingerprint, claims::outcomes))
        .first(connection)
        .optional()?;
    let Some((fingerprint, outcomes)) = row else { return Ok(Ok(None)) };
    if fingerprint != claim.fingerprint {
        return Ok(Err(TransactError::KeyReused));
    }
    let outcomes = outcomes_from_text(&outcomes);
    Ok(outcomes.map(Some).map_err(|error| RepositoryError::Internal(error.to_string()).into()))
}

/// Keeps the outcomes under the claim, in place of any that have had their time.
pub(crate) fn keep(
    connection: &mut SqliteConnection,
    claim: &Claim,
    outcomes: &[CommandOutcome],
    now: DateTime<Utc>,
) -> QueryResult<()> {
    let outcomes = outcomes_to_text(outcomes).map_err(|error| Error::SerializationError(Box::new(error)))?;
    let row = (
        claims::caller.eq(&claim.caller),
        claims::key.eq(&claim.key),
        claims::fingerprint.eq(claim.fingerprint.as_slice()),
        claims::kept_at.eq(now.timestamp_micros()),
        claims::outcomes.eq(outcomes),
    );
    diesel::replace_into(claims::table).values(row).execute(connection)?;
    Ok(())
}

/// Forgets up to `most` of the claims that have had their time at `now`, the oldest first.
pub(crate) fn forget(connection: &mut SqliteConnection, most: u32, now: DateTime<Utc>) -> QueryResult<u64> {
    let forgotten = diesel::sql_query(
        "DELETE FROM claims WHERE rowid IN (SELECT rowid FROM claims WHERE kept_at < ? ORDER BY kept_at LIMIT ?)",
    )
    .bind::<diesel::sql_types::BigInt, _>(first_instant(now))
    .bind::<diesel::sql_types::BigInt, _>(i64::from(most))
    .execute(connection)?;
    Ok(forgotten as u64)
}

/// The first instant, in microseconds since 1970, at which a claim was kept that holds at `now`.
fn first_instant(now: DateTime<Utc>) -> i64 {
    now.checked_sub_signed(KEPT_FOR).unwrap_or(DateTime::<Utc>::MIN_UTC).timestamp_micros()
}
