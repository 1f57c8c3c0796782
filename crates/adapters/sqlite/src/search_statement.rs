use diesel::QueryResult;
use diesel::query_builder::{AsQuery, AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};
use users_domain::{SearchKey, SearchPlace, SearchPrefix};

use crate::schema::users;
use crate::user_row::UserRow;

/// The columns that users are searched by, each with an index of its own.
const KEYS: [&str; 5] = ["username_key", "first_name_key", "last_name_key", "email_key", "organization_key"];

/// A key that begins with the prefix, and the user who has it.
pub(crate) type FoundRow = (String, UserRow);

/// Reads the first places at which a search finds users, and these users. A user stands at several places where several
/// of its keys begin with the prefix.
///
/// ```sql
/// SELECT found.key, users.id, ... FROM (
///     SELECT username_key AS key, id FROM users WHERE ...
///     UNION SELECT email_key, id FROM users
///     WHERE (email_key, id) > (?, ?) AND email_key < ? AND email_key IS NOT NULL
///     ...
///     ORDER BY key, id LIMIT ?
/// ) AS found CROSS JOIN users ON users.id = found.id ORDER BY found.key, found.id
/// ```
///
/// - Each branch reads its index in order from where the page begins, and no further than the merged places go. It does
///   not leave out a user who stands at a lesser key too: there can be so many of these in a row that it would read on and
///   on for the first it can give.
/// - `UNION` gives a place once that two columns have.
/// - `CROSS JOIN` has SQLite look up the users of the places, and not the other way round.
pub(crate) struct SearchStatement<'a> {
    start: Start<'a>,
    end: Option<SearchKey>,
    limit: i64,
}

/// Where the places begin.
enum Start<'a> {
    /// At a key.
    Key(&'a SearchKey),
    /// Behind a place.
    Behind(&'a SearchPlace),
}

impl<'a> SearchStatement<'a> {
    pub(crate) fn new(prefix: &'a SearchPrefix, after: Option<&'a SearchPlace>, limit: i64) -> Self {
        // One condition, not both: SQLite might choose the one that leaves it more to read.
        let start = match after {
            Some(after) if after.key >= *prefix.start() => Start::Behind(after),
            _ => Start::Key(prefix.start()),
        };
        Self { start, end: prefix.end(), limit }
    }

    /// The places that one column gives.
    fn branch<'b>(&'b self, column: &'static str, out: &mut AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        push(out, &["SELECT ", column, " AS key, id FROM users WHERE "]);
        match &self.start {
            Start::Key(key) => {
                push(out, &[column, " >= "]);
                out.push_bind_param::<Text, _>(key.as_str())?;
            }
            Start::Behind(SearchPlace { key, id }) => {
                push(out, &["(", column, ", id) > ("]);
                out.push_bind_param::<Text, _>(key.as_str())?;
                out.push_sql(", ");
                out.push_bind_param::<Text, _>(id.as_str())?;
                out.push_sql(")");
            }
        }
        if let Some(end) = &self.end {
            push(out, &[" AND ", column, " < "]);
            out.push_bind_param::<Text, _>(end.as_str())?;
        }
        // The indexes leave these out. That no comparison holds for them either, SQLite does not see of a pair.
        push(out, &[" AND ", column, " IS NOT NULL"]);
        Ok(())
    }
}

fn push(out: &mut AstPass<'_, '_, Sqlite>, sql: &[&'static str]) {
    for sql in sql {
        out.push_sql(sql);
    }
}

impl QueryFragment<Sqlite> for SearchStatement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("SELECT found.key, ");
        users::all_columns.walk_ast(out.reborrow())?;
        out.push_sql(" FROM (");
        for (i, column) in KEYS.into_iter().enumerate() {
            out.push_sql(if i == 0 { "" } else { " UNION " });
            self.branch(column, &mut out)?;
        }
        out.push_sql(" ORDER BY key, id LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        out.push_sql(") AS found CROSS JOIN users ON users.id = found.id ORDER BY found.key, found.id");
        Ok(())
    }
}

impl Query for SearchStatement<'_> {
    type SqlType = (Text, <users::table as AsQuery>::SqlType);
}

/// Prepared statements are kept by their text, of which there are four.
impl QueryId for SearchStatement<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<SqliteConnection> for SearchStatement<'_> {}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;
    use users_domain::{SearchKey, SearchPlace, SearchPrefix};
    use users_testkit::user_id;

    use super::{KEYS, SearchStatement};
    use crate::explain;

    /// SQLite plans otherwise where `ANALYZE` has counted for it, so both are tried.
    #[test]
    fn every_key_has_its_index_and_is_read_where_the_page_begins() {
        let mut connection = explain::users();
        let fill = "WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 5000) \
                    INSERT INTO users (id, version, modified_at, active, username_key, first_name_key, email_key) \
                    SELECT i, i, i, true, 'user' || i, i % 7, 'user' || i || '@example.org' FROM numbers";
        connection.batch_execute(fill).unwrap();
        let place = SearchPlace { key: SearchKey::of("user12"), id: user_id("12") };
        for (analyze, prefix, after) in [
            ("", "user", None),
            ("", "user", Some(&place)),
            ("", "\u{10FFFF}", None),
            ("ANALYZE", "user", None),
            ("ANALYZE", "user", Some(&place)),
            ("ANALYZE", "\u{10FFFF}", None),
        ] {
            connection.batch_execute(analyze).unwrap();
            let prefix = SearchPrefix::parse(prefix).unwrap();
            let plan = explain::plan(&mut connection, SearchStatement::new(&prefix, after, 51));
            for key in KEYS {
                let index = match key {
                    "username_key" => "sqlite_autoindex_users_2 (username_key>?".to_owned(),
                    key if after.is_some() => format!("COVERING INDEX users_{key}_id (({key},id)>(?,?)"),
                    key => format!("COVERING INDEX users_{key}_id ({key}>?"),
                };
                assert!(plan.iter().any(|step| step.contains(&index)), "{plan:#?}");
            }
            // The users with one username are sorted at no cost: there is one.
            let sorts = plan.iter().filter(|step| step.contains("TEMP B-TREE")).collect::<Vec<_>>();
            assert_eq!(sorts, ["USE TEMP B-TREE FOR LAST TERM OF ORDER BY"], "{plan:#?}");
            assert!(plan.iter().all(|step| !step.contains("SCAN users")), "{plan:#?}");
            assert_eq!(plan.last().unwrap(), "SEARCH users USING INDEX sqlite_autoindex_users_1 (id=?)");
        }
    }
}
