use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::sql_types::{Array, Nullable, Text, Timestamptz};
use users_domain::{Precondition, UserId};

use crate::update_statement::array_text;
use crate::user_row::{UserColumns, push_columns};

/// Deletes any number of users at once, each under its own precondition, with their self-service tokens revoked, and returns
/// them as they were.
///
/// ```sql
/// WITH gone AS (
///     DELETE FROM users USING unnest($1, $2, $3) AS d (id, versions, at)
///     WHERE users.id = d.id AND (d.versions IS NULL OR users.version = ANY (d.versions::bigint[]))
///     RETURNING users.*, d.at
/// ), revoked AS (
///     UPDATE tokens SET revoked_at = gone.at FROM gone
///     WHERE tokens.user_id = gone.id AND tokens.revoked_at IS NULL
/// )
/// SELECT users.id, ... FROM gone AS users
/// ```
///
/// Where another transaction holds a row, PostgreSQL waits for it and then judges the `WHERE` again on the row as that one
/// left it (read committed).
///
/// The ids must be in their order, as for an update, each once.
#[derive(Default)]
pub(crate) struct DeleteStatement<'a> {
    ids: Vec<&'a str>,
    versions: Vec<Option<String>>,
    instants: Vec<DateTime<Utc>>,
}

impl<'a> DeleteStatement<'a> {
    pub(crate) fn new(
        deletes: impl IntoIterator<Item = (&'a UserId, &'a Precondition, DateTime<Utc>)>,
    ) -> Self {
        let mut statement = Self::default();
        for (id, precondition, at) in deletes {
            statement.instants.push(at);
            statement.ids.push(id.as_str());
            statement.versions.push(match precondition {
                Precondition::Exists => None,
                Precondition::VersionIn(versions) => Some(array_text(versions)),
            });
        }
        statement
    }
}

impl QueryFragment<Pg> for DeleteStatement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH gone AS (DELETE FROM users USING unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Text>>, _>(&self.versions)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&self.instants)?;
        out.push_sql(
            ") AS d (id, versions, at) WHERE users.id = d.id \
             AND (d.versions IS NULL OR users.version = ANY (d.versions::bigint[])) RETURNING users.*, d.at), \
             revoked AS (UPDATE tokens SET revoked_at = gone.at FROM gone \
             WHERE tokens.user_id = gone.id AND tokens.revoked_at IS NULL) SELECT ",
        );
        push_columns(&mut out);
        out.push_sql(" FROM gone AS users");
        Ok(())
    }
}

impl Query for DeleteStatement<'_> {
    type SqlType = UserColumns;
}

/// Prepared statements are kept by their text.
impl QueryId for DeleteStatement<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<PgConnection> for DeleteStatement<'_> {}
