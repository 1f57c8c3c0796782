use diesel::QueryResult;
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::sql_types::{BigInt, Text};
use users_domain::{SearchKey, SearchPage, SearchPlace, SearchQuery, User};

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
///              (users.username_key >= $1 AND users.username_key <= users.first_name_key
///               OR users.last_name_key >= $1 AND users.last_name_key < users.first_name_key OR ...) IS TRUE AS again
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
    end: Option<SearchKey>,
    limit: i64,
}

impl<'a> SearchStatement<'a> {
    fn new(query: &'a SearchQuery) -> Self {
        Self { query, end: query.prefix.end(), limit: query.limit.limit() + 1 }
    }

    /// The places that one column gives.
    fn branch<'b>(&'b self, column: &'static str, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        push(out, &["(SELECT users.", column, " AS key, "]);
        push_columns(out.reborrow())?;
        self.again(column, out)?;
        push(out, &[" FROM users WHERE users.", column, " >= "]);
        out.push_bind_param::<Text, _>(self.query.prefix.start().as_str())?;
        if let Some(end) = &self.end {
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

    /// Whether another key of the row that begins with the prefix is less, or the same in an earlier column. A key that
    /// is no greater than one that begins with the prefix is before the end of those that do.
    fn again<'b>(&'b self, column: &'static str, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let mut separator = ", (";
        let mut comparison = " <= users.";
        for other in KEYS {
            if other == column {
                comparison = " < users.";
                continue;
            }
            push(out, &[separator, "users.", other, " >= "]);
            out.push_bind_param::<Text, _>(self.query.prefix.start().as_str())?;
            push(out, &[" AND users.", other, comparison, column]);
            separator = " OR ";
        }
        out.push_sql(") IS TRUE AS again");
        Ok(())
    }
}

fn push(out: &mut AstPass<'_, '_, Pg>, sql: &[&'static str]) {
    sql.iter().for_each(|sql| out.push_sql(sql));
}

impl QueryFragment<Pg> for SearchStatement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT users.key, ");
        push_columns(out.reborrow())?;
        out.push_sql(" FROM (SELECT * FROM (");
        for (i, column) in KEYS.into_iter().enumerate() {
            out.push_sql(if i == 0 { "" } else { " UNION ALL " });
            self.branch(column, &mut out)?;
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
