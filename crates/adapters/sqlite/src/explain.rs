//! What tests ask SQLite: how it would go about a statement.

use diesel::QueryResult;
use diesel::connection::{Connection, SimpleConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::sql_types::{Integer, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};

#[derive(QueryId)]
struct Explained<T>(T);

impl<T: QueryFragment<Sqlite>> QueryFragment<Sqlite> for Explained<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("EXPLAIN QUERY PLAN ");
        self.0.walk_ast(out)
    }
}

impl<T> Query for Explained<T> {
    type SqlType = (Integer, Integer, Integer, Text);
}

impl<T> RunQueryDsl<SqliteConnection> for Explained<T> {}

/// The steps that a statement takes.
pub(crate) fn plan<T: QueryFragment<Sqlite> + QueryId>(
    connection: &mut SqliteConnection,
    statement: T,
) -> Vec<String> {
    let plan: Vec<(i32, i32, i32, String)> = Explained(statement).load(connection).unwrap();
    plan.into_iter().map(|step| step.3).collect()
}

/// A database with the table of users and its indexes.
pub(crate) fn users() -> SqliteConnection {
    let mut connection = SqliteConnection::establish(":memory:").unwrap();
    for migration in [
        include_str!("../../../../migrations/sqlite/2026-11-01-000000_create_users/up.sql"),
        include_str!("../../../../migrations/sqlite/2026-11-01-000002_index_users_for_lists/up.sql"),
        include_str!("../../../../migrations/sqlite/2026-11-02-000000_search_keys/up.sql"),
    ] {
        connection.batch_execute(migration).unwrap();
    }
    connection
}
