use diesel::QueryResult;
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::sql_types::{BigInt, Text};
use users_domain::{KeyRange, SearchKey, SearchPage, SearchPlace, SearchQuery, User};

use crate::user_row::{UserColumns, UserRow, push_columns};

/// The columns that users are searched by, in the order of [`User::search_keys`], each with an index of its own.
pub(crate) const KEYS: [&str; 5] =
    ["username_key", "first_name_key", "last_name_key", "email_key", "organization_key"];

/// Reads a page with one statement, and so from one snapshot.
pub(crate) fn page(connection: &mut PgConnection, query: &SearchQuery) -> QueryResult<SearchPage> {
    let rows: Vec<(String, UserRow)> = SearchStatement::new(query).load(connection)?;
    let found = rows.into_iter().map(|(key, row)| {
        let user = User::from(row);
        (SearchPlace { key: SearchKey::from_stored(key), id: user.id().clone() }, user)
    });
    Ok(SearchPage::of(found.collect(), query.limit))
}

/// Reads the users of a page, and one more where there is one.
///
/// ```sql
/// SELECT users.key, users.id, ... FROM (
///     SELECT * FROM (
///         (SELECT users.username_key AS key, users.id, ..., (...) IS TRUE AS again
///          FROM users WHERE ... ORDER BY users.username_key, users.id OFFSET 0)
///         UNION ALL
///         (SELECT users.first_name_key AS key, users.id, ...,
///              (users.username_key >= $1 AND users.username_key <= users.first_name_key AND users.username_key < $2
///               OR users.last_name_key >= $1 AND users.last_name_key < users.first_name_key AND ...) IS TRUE AS again
///          FROM users
///          WHERE users.first_name_key >= $1 AND users.first_name_key < $2
///            AND (users.first_name_key, users.id) > ($3, $4)
///          ORDER BY users.first_name_key, users.id OFFSET 0)
///         UNION ALL ...
///     ) AS places ORDER BY key, id OFFSET 0
/// ) AS users WHERE NOT users.again ORDER BY users.key, users.id LIMIT $5
/// ```
///
/// Each branch reads its index in order from where the page begins, and the branches are merged row by row until the page is
/// full. A user stands in several branches where several of its keys begin with the prefix, and counts where the key
/// is the least: `again` tells of the other places, by what stands in the row itself.
///
/// Each `OFFSET 0` keeps the planner from moving a condition inwards or a sort outwards: it would have each branch look for
/// its first row that is not `again`, which can be far away, or sort all rows that are found.
struct SearchStatement<'a> {
    query: &'a SearchQuery,
    range: KeyRange,
    limit: i64,
}

impl<'a> SearchStatement<'a> {
    fn new(query: &'a SearchQuery) -> Self {
        Self { query, range: query.prefix.range(), limit: query.limit.limit() + 1 }
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
        out: &mut AstPass<'_, 'b, Pg>,
    ) -> QueryResult<()> {
        push(out, &["(SELECT users.", column, " AS key, "]);
        push_columns(out);
        self.again(column, out)?;
        push(out, &[" FROM users WHERE users.", column, " >= "]);
        out.push_bind_param::<Text, _>(range.start.as_str())?;
        if let Some(end) = &range.end {
            push(out, &[" AND users.", column, " < "]);
            out.push_bind_param::<Text, _>(end.as_str())?;
        }
        if let Some(SearchPlace { key, id }) = &self.query.after {
            push(out, &[" AND (users.", column, ", users.id) > ("]);
            out.push_bind_param::<Text, _>(key.as_str())?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(id.as_str())?;
            out.push_sql(")");
        }
        push(out, &[" ORDER BY users.", column, ", users.id OFFSET 0)"]);
        Ok(())
    }

    /// Whether another key of the row that begins with the prefix is less, or the same in an earlier column.
    fn again<'b>(&'b self, column: &'static str, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let mut separator = ", (";
        let mut comparison = " <= users.";
        for (other, range) in self.columns() {
            if other == column {
                comparison = " < users.";
                continue;
            }
            push(out, &[separator, "users.", other, " >= "]);
            out.push_bind_param::<Text, _>(range.start.as_str())?;
            push(out, &[" AND users.", other, comparison, column]);
            if let Some(end) = &range.end {
                push(out, &[" AND users.", other, " < "]);
                out.push_bind_param::<Text, _>(end.as_str())?;
            }
            separator = " OR ";
        }
        out.push_sql(") IS TRUE AS again");
        Ok(())
    }
}

fn push(out: &mut AstPass<'_, '_, Pg>, sql: &[&'static str]) {
    for sql in sql {
        out.push_sql(sql);
    }
}

impl QueryFragment<Pg> for SearchStatement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT users.key, ");
        push_columns(&mut out);
        out.push_sql(" FROM (SELECT * FROM (");
        for (i, (column, range)) in self.columns().enumerate() {
            out.push_sql(if i == 0 { "" } else { " UNION ALL " });
            self.branch(column, range, &mut out)?;
        }
        out.push_sql(
            ") AS places ORDER BY key, id OFFSET 0) AS users \
             WHERE NOT users.again ORDER BY users.key, users.id LIMIT ",
        );
        out.push_bind_param::<BigInt, _>(&self.limit)
    }
}

impl Query for SearchStatement<'_> {
    type SqlType = (Text, UserColumns);
}

/// Prepared statements are kept by their text, of which there are four.
impl QueryId for SearchStatement<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<PgConnection> for SearchStatement<'_> {}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use diesel::connection::SimpleConnection;
    use diesel::debug_query;
    use diesel::deserialize::QueryableByName;
    use diesel::pg::{Pg, PgConnection};
    use diesel::query_dsl::RunQueryDsl;
    use diesel::sql_types::Text;
    use users_domain::{PageBounds, SearchKey, SearchPlace, SearchPrefix, SearchQuery};
    use users_ports::Migrator;
    use users_testkit::{PrivatePostgres, user_id};

    use super::{KEYS, SearchStatement};
    use crate::pool::{self, Lane};
    use crate::{Pooling, PostgresSettings, PostgresStore};

    /// The searches that differ in the text of the statement.
    fn queries() -> impl Iterator<Item = SearchQuery> {
        let place = SearchPlace { key: SearchKey::of("user7"), id: user_id("7") };
        ["user", "\u{10FFFD}"].into_iter().flat_map(move |prefix| {
            [None, Some(place.clone())].map(|after| SearchQuery {
                prefix: SearchPrefix::parse(prefix).unwrap(),
                after,
                limit: PageBounds::default(),
            })
        })
    }

    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
        line: String,
    }

    /// How the session carries the search out, for whatever values.
    fn plan(connection: &mut PgConnection, query: &SearchQuery) -> String {
        let text = debug_query::<Pg, _>(&SearchStatement::new(query)).to_string();
        let sql = text.split(" -- binds").next().unwrap();
        connection.batch_execute(&format!("PREPARE page AS {sql}")).unwrap();
        let nulls = vec!["NULL"; sql.matches('$').count()].join(", ");
        let plan: Vec<Line> =
            diesel::sql_query(format!("EXPLAIN EXECUTE page({nulls})")).load(connection).unwrap();
        connection.batch_execute("DEALLOCATE page").unwrap();
        plan.into_iter().map(|line| line.line).collect::<Vec<_>>().join("\n")
    }

    /// Planned while there is nobody, as the first statement of a new service is, and when there are many.
    #[tokio::test]
    async fn every_key_has_its_index_and_the_places_are_merged() {
        let settings = PostgresSettings {
            url: PrivatePostgres::shared().create_database(),
            write_connections: 1,
            read_connections: 1,
            queue_capacity: 1,
            connect_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(10),
            pooling: Pooling::default(),
        };
        PostgresStore::open(&settings).unwrap().migrate().await.unwrap();
        let mut lane = Lane::new(pool::build(&settings, &settings.url), <_>::default(), &settings);
        let connection = &mut lane.session().unwrap().connection;
        let fill = "INSERT INTO users (id, version, modified_at, active, username_key, first_name_key, \
                    last_name_key, email_key, organization_key) \
                    SELECT i, i, now(), true, 'user' || i, 'user', i % 7, 'user' || i || '@example.org', i % 3 \
                    FROM generate_series(1, 20000) i; ANALYZE users";
        for fill in ["ANALYZE users", fill] {
            connection.batch_execute(fill).unwrap();
            for query in queries() {
                let plan = plan(connection, &query);
                assert_eq!(plan.matches("Merge Append").count(), 1, "{plan}");
                for key in KEYS {
                    let index = match key {
                        "username_key" => "Index Scan using users_username_key_unique on users".to_owned(),
                        key => format!("Index Scan using users_{key}_id on users"),
                    };
                    assert_eq!(plan.matches(&index).count(), 1, "{plan}");
                }
                assert_eq!(plan.matches("Scan using").count(), KEYS.len(), "{plan}");
                // The users with one username are sorted by their ids at no cost: there is one.
                assert_eq!(plan.matches(" Sort  (").count(), 1, "{plan}");
                assert_eq!(plan.matches(" Incremental Sort  (").count(), 1, "{plan}");
            }
        }
    }
}
