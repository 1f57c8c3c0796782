use std::collections::HashMap;

use compact_str::CompactString;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, Text};
use users_domain::{User, UserId};

use crate::user_row::{UserColumns, UserRow, push_columns};

/// The users with these ids, by id.
pub(crate) fn find<'a>(
    connection: &mut PgConnection,
    ids: impl IntoIterator<Item = &'a UserId>,
) -> QueryResult<HashMap<CompactString, User>> {
    let ids = ids.into_iter().map(UserId::as_str).collect();
    let rows: Vec<UserRow> = FindStatement { ids }.load(connection)?;
    Ok(by_id(rows))
}

/// The users of these rows, by id.
pub(crate) fn by_id(rows: Vec<UserRow>) -> HashMap<CompactString, User> {
    rows.into_iter().map(|row| (row.id.clone(), row.into())).collect()
}

/// Reads any number of users at once: `SELECT ... FROM users WHERE id = ANY ($1)`.
///
/// Diesel's own `eq_any` would be written anew for each batch, to be found among the prepared statements by its text.
struct FindStatement<'a> {
    ids: Vec<&'a str>,
}

impl QueryFragment<Pg> for FindStatement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT ");
        push_columns(&mut out);
        out.push_sql(" FROM users WHERE id = ANY (");
        out.push_bind_param::<Array<Text>, _>(&self.ids)?;
        out.push_sql(")");
        Ok(())
    }
}

impl Query for FindStatement<'_> {
    type SqlType = UserColumns;
}

/// There is one text, so the prepared statement is kept by the type.
impl QueryId for FindStatement<'_> {
    type QueryId = FindStatement<'static>;

    const HAS_STATIC_QUERY_ID: bool = true;
}

impl RunQueryDsl<PgConnection> for FindStatement<'_> {}
