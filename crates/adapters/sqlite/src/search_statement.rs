use diesel::QueryResult;
use diesel::query_builder::{AsQuery, AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};
use users_domain::{KeyRange, SearchKey, SearchPage, SearchPlace, SearchQuery};

use crate::schema::users;
use crate::user_reader;
use crate::user_row::UserRow;

/// The columns that users are searched by, in the order of
/// [`User::search_keys`](users_domain::User::search_keys), each with an index of its own.
const KEYS: [&str; 5] = ["username_key", "first_name_key", "last_name_key", "email_key", "organization_key"];

/// Reads a page with one statement, and so from one snapshot.
pub(crate) fn page(connection: &mut SqliteConnection, query: &SearchQuery) -> QueryResult<SearchPage> {
    let rows: Vec<(String, UserRow)> = SearchStatement::new(query).load(connection)?;
    let found = rows.into_iter().map(|(key, row)| {
        let user = user_reader::user(row)?;
        Ok((SearchPlace { key: SearchKey::from_stored(key), id: user.id().clone() }, user))
    });
    Ok(SearchPage::of(found.collect::<QueryResult<_>>()?, query.limit))
}

/// Reads the users of a page, and one more where there is one.
///
/// ```sql
/// SELECT found.key, users.id, ... FROM (
///     SELECT username_key AS key, id, rowid AS row FROM users WHERE ...
///     UNION SELECT first_name_key AS key, id, rowid AS row FROM users
///     WHERE (first_name_key, id) > (?, ?) AND first_name_key < ? AND first_name_key IS NOT NULL
///     UNION ...
///     ORDER BY key, id
/// ) AS found CROSS JOIN users ON users.rowid = found.row
/// WHERE (users.username_key >= ? AND users.username_key < found.key AND users.username_key < ?) IS NOT TRUE AND ...
/// ORDER BY found.key, found.id LIMIT ?
/// ```
///
/// Each branch reads its index in order from where the page begins, and the branches are merged place by place until the page
/// is full. `UNION` gives a place once that two columns have. A user stands at several places where several of its keys
/// begin with the prefix, and counts where the key is the least.
///
/// That is judged behind the merge. A branch that left out its other places would read on for the first that it may give,
/// and there can be very many before it. `CROSS JOIN` has SQLite look up the user of each place, and not the other way round.
struct SearchStatement<'a> {
    range: KeyRange,
    after: Option<&'a SearchPlace>,
    limit: i64,
}

impl<'a> SearchStatement<'a> {
    fn new(query: &'a SearchQuery) -> Self {
        let SearchQuery { prefix, after, limit } = query;
        Self { range: prefix.range(), after: after.as_ref(), limit: limit.limit() + 1 }
    }

    /// The columns, each with the keys in it that begin with the prefix.
    fn columns(&self) -> impl Iterator<Item = (&'static str, &KeyRange)> {
        KEYS.into_iter().map(|column| (column, &self.range))
    }

    /// The places that one column gives.
    fn branch<'b>(
        &'b self,
        column: &'static str,
        range: &'b KeyRange,
        out: &mut AstPass<'_, 'b, Sqlite>,
    ) -> QueryResult<()> {
        push(out, &["SELECT ", column, " AS key, id, rowid AS row FROM users WHERE "]);
        // One or the other: of two conditions SQLite might read by the one that leaves it more to read.
        let after = self.after.filter(|after| after.key >= range.start);
        if let Some(SearchPlace { key, id }) = after {
            push(out, &["(", column, ", id) > ("]);
            out.push_bind_param::<Text, _>(key.as_str())?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(id.as_str())?;
            out.push_sql(")");
        } else {
            push(out, &[column, " >= "]);
            out.push_bind_param::<Text, _>(range.start.as_str())?;
        }
        if let Some(end) = &range.end {
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
        for (i, (column, range)) in self.columns().enumerate() {
            out.push_sql(if i == 0 { "" } else { " UNION " });
            self.branch(column, range, &mut out)?;
        }
        out.push_sql(" ORDER BY key, id) AS found CROSS JOIN users ON users.rowid = found.row");
        for (i, (column, range)) in self.columns().enumerate() {
            out.push_sql(if i == 0 { " WHERE " } else { " AND " });
            push(&mut out, &["(users.", column, " >= "]);
            out.push_bind_param::<Text, _>(range.start.as_str())?;
            push(&mut out, &[" AND users.", column, " < found.key"]);
            if let Some(end) = &range.end {
                push(&mut out, &[" AND users.", column, " < "]);
                out.push_bind_param::<Text, _>(end.as_str())?;
            }
            out.push_sql(") IS NOT TRUE");
        }
        out.push_sql(" ORDER BY found.key, found.id LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)
    }
}

impl Query for SearchStatement<'_> {
    type SqlType = (Text, <users::table as AsQuery>::SqlType);
}

/// Prepared statements are kept by their text, of which there are few.
impl QueryId for SearchStatement<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<SqliteConnection> for SearchStatement<'_> {}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;
    use users_domain::{PageBounds, SearchKey, SearchPlace, SearchPrefix, SearchQuery};
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
            ("", "\u{10FFFD}", None),
            ("ANALYZE", "user", None),
            ("ANALYZE", "user", Some(&place)),
            ("ANALYZE", "\u{10FFFD}", None),
        ] {
            connection.batch_execute(analyze).unwrap();
            let query = SearchQuery {
                prefix: SearchPrefix::parse(prefix).unwrap(),
                after: after.cloned(),
                limit: PageBounds::default(),
            };
            let plan = explain::plan(&mut connection, SearchStatement::new(&query));
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
            assert_eq!(sorts, ["USE TEMP B-TREE FOR LAST 2 TERMS OF ORDER BY"], "{plan:#?}");
            assert!(plan.iter().all(|step| !step.contains("SCAN users")), "{plan:#?}");
            assert_eq!(plan.last().unwrap(), "SEARCH users USING INTEGER PRIMARY KEY (rowid=?)");
        }
    }
}
