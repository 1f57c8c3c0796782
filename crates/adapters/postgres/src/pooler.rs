use std::sync::atomic::{AtomicU64, Ordering};

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Bool;

/// How often the connections are compared. Twice is enough unless others use the pooler at the same moment.
const ROUNDS: u32 = 4;

/// Whether two connections are given the same session, or one of them another than before.
///
/// A pooler in transaction mode gives a connection any session of the server for each transaction. A variable that the first
/// connection sets is then seen by the second, or no longer seen by the first: while the second holds a transaction open,
/// both cannot have the same session. Everything runs in transactions that are opened by name, so that no statement is
/// prepared in one session and executed in another.
pub(crate) fn shares_sessions(first: &mut PgConnection, second: &mut PgConnection) -> QueryResult<bool> {
    for round in 0..ROUNDS {
        let mark = mark();
        first.batch_execute(&format!("SET users.session = '{mark}'"))?;
        if round % 2 == 1 {
            // A pooler that hands out in turn as many sessions as there are connections gives each the same one every time,
            // until one of them takes a turn more.
            second.transaction(|_| Ok::<_, diesel::result::Error>(()))?;
        }
        let seen_by_second = second.transaction(|second| {
            if has(second, &mark)? {
                return Ok(true);
            }
            // The second keeps its session meanwhile, so a pooler that follows no order is left fewer to choose from.
            Ok::<_, diesel::result::Error>(!first.transaction(|first| has(first, &mark))?)
        })?;
        let lost = !first.transaction(|first| has(first, &mark))?;
        if seen_by_second || lost || second.transaction(|second| has(second, &mark))? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn has(connection: &mut PgConnection, mark: &str) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Seen {
        #[diesel(sql_type = Bool)]
        seen: bool,
    }

    let query = format!("SELECT coalesce(current_setting('users.session', true), '') = '{mark}' AS seen");
    sql_query(query).get_result::<Seen>(connection).map(|row| row.seen)
}

/// A text that no connection of any process sets at the same time.
fn mark() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{}.{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
