use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_types::{BigInt, Bool, Text, Timestamptz};
use users_ports::{
    Claim, CommandOutcome, KEPT_FOR, RepositoryError, TransactError, outcomes_from_text, outcomes_to_text,
};

use crate::schema::claims;

/// Locks what is kept under the claim until the transaction ends; `false` where somebody else has it.
///
/// The lock is one of PostgreSQL's own, since there is no row yet. Keys with the same hash, of 64 bits, share one.
pub(crate) fn lock(connection: &mut PgConnection, claim: &Claim) -> QueryResult<bool> {
    let lock = diesel::dsl::sql::<Bool>("SELECT pg_try_advisory_xact_lock(hashtextextended(")
        .bind::<Text, _>(&claim.key)
        .sql(", hashtextextended(")
        .bind::<Text, _>(&claim.caller)
        .sql(", 0)))");
    lock.get_result(connection)
}

/// What is kept under a claim at `now`, if anything is.
pub(crate) fn kept(
    connection: &mut PgConnection,
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
    connection: &mut PgConnection,
    claim: &Claim,
    outcomes: &[CommandOutcome],
    now: DateTime<Utc>,
) -> QueryResult<()> {
    let outcomes = outcomes_to_text(outcomes).map_err(|error| Error::SerializationError(Box::new(error)))?;
    let content = (
        claims::fingerprint.eq(claim.fingerprint.as_slice()),
        claims::kept_at.eq(now),
        claims::outcomes.eq(outcomes),
    );
    diesel::insert_into(claims::table)
        .values((claims::caller.eq(&claim.caller), claims::key.eq(&claim.key), content.clone()))
        .on_conflict((claims::caller, claims::key))
        .do_update()
        .set(content)
        .execute(connection)?;
    Ok(())
}

/// Forgets up to `most` of the claims that have had their time at `now`, the oldest first. One that is being replaced at
/// this moment is left alone, and not waited for.
pub(crate) fn forget(connection: &mut PgConnection, most: u32, now: DateTime<Utc>) -> QueryResult<u64> {
    let forgotten = diesel::sql_query(
        "DELETE FROM claims WHERE ctid = ANY (ARRAY(SELECT ctid FROM claims WHERE kept_at < $1 \
         ORDER BY kept_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
    )
    .bind::<Timestamptz, _>(first_instant(now))
    .bind::<BigInt, _>(i64::from(most))
    .execute(connection)?;
    Ok(forgotten as u64)
}

/// The first instant at which a claim was kept that holds at `now`.
fn first_instant(now: DateTime<Utc>) -> DateTime<Utc> {
    now.checked_sub_signed(KEPT_FOR).unwrap_or(now)
}
