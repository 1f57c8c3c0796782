use diesel::connection::Connection;
use diesel::query_dsl::RunQueryDsl;
use diesel::result::QueryResult;
use diesel::sqlite::SqliteConnection;
use users_domain::{SearchKey, SearchPage, SearchPlace, SearchPrefix, SearchQuery, UserId};

use crate::search_statement::{FoundRow, SearchStatement};
use crate::user_reader::user;
use crate::user_row::UserRow;

/// The most places that are read at once.
const MOST_PLACES: i64 = 1_000;

/// Reads a page in one transaction, and so from one snapshot.
///
/// A user is found at every key that begins with the prefix, but stands in the page at the least of them alone. So it is not
/// known beforehand how many places have to be read; the more were of no use, the more are read next.
pub(crate) fn page(connection: &mut SqliteConnection, query: &SearchQuery) -> QueryResult<SearchPage> {
    let SearchQuery { prefix, after, limit } = query;
    // One more tells whether there are more.
    let wanted = limit.limit() + 1;
    connection.transaction(|connection| {
        let (mut users, mut after, mut places) = (Vec::new(), after.clone(), wanted);
        loop {
            let rows: Vec<FoundRow> =
                SearchStatement::new(prefix, after.as_ref(), places).load(connection)?;
            after = rows.last().map(|(key, row)| place(key, row));
            let is_end = count(&rows) < places;
            for (key, row) in rows {
                if is_least(&key, &row, prefix) {
                    users.push((place(&key, &row), user(row)?));
                }
            }
            if is_end || count(&users) >= wanted {
                return Ok(SearchPage::of(users, *limit));
            }
            places = (2 * places).min(MOST_PLACES);
        }
    })
}

fn place(key: &str, row: &UserRow) -> SearchPlace {
    SearchPlace { key: SearchKey::from_stored(key.to_owned()), id: UserId::from_stored(row.id.clone()) }
}

/// Whether no lesser key of the user begins with the prefix.
fn is_least(key: &str, row: &UserRow, prefix: &SearchPrefix) -> bool {
    row.search_keys().all(|other| other >= key || other < prefix.start().as_str())
}

fn count<T>(found: &[T]) -> i64 {
    i64::try_from(found.len()).unwrap_or(i64::MAX)
}
