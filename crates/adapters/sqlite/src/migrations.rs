use diesel::connection::BoxableConnection;
use diesel::dsl::sql;
use diesel::migration::{Migration, MigrationMetadata, MigrationName, MigrationSource, Result};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use users_domain::SearchKey;

use crate::schema::users;

const SQL: EmbeddedMigrations = embed_migrations!("../../../migrations/sqlite");

/// The version of the migration whose work no SQL can do.
const SEARCH_KEYS_ANEW: &str = "20261125000000";

/// How many users are changed in one go.
const BATCH: i64 = 1000;

/// Every migration: those of `migrations/sqlite`, one of which goes on in Rust.
pub(crate) struct Migrations;

impl MigrationSource<Sqlite> for Migrations {
    fn migrations(&self) -> Result<Vec<Box<dyn Migration<Sqlite>>>> {
        let all: Vec<Box<dyn Migration<Sqlite>>> = SQL.migrations()?;
        Ok(all.into_iter().map(continued).collect())
    }
}

fn continued(migration: Box<dyn Migration<Sqlite>>) -> Box<dyn Migration<Sqlite>> {
    match migration.name().version().to_string().as_str() {
        SEARCH_KEYS_ANEW => Box::new(SearchKeysAnew(migration)),
        _ => migration,
    }
}

/// Makes the search keys anew that SQL made, which knows few small letters, or an older rule.
struct SearchKeysAnew(Box<dyn Migration<Sqlite>>);

impl Migration<Sqlite> for SearchKeysAnew {
    fn run(&self, connection: &mut dyn BoxableConnection<Sqlite>) -> Result<()> {
        self.0.run(connection)?;
        let connection =
            connection.downcast_mut::<SqliteConnection>().ok_or("a connection of another kind")?;
        Ok(make_search_keys_anew(connection)?)
    }

    fn revert(&self, connection: &mut dyn BoxableConnection<Sqlite>) -> Result<()> {
        self.0.revert(connection)
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        self.0.metadata()
    }

    fn name(&self) -> &dyn MigrationName {
        self.0.name()
    }
}

/// Goes through the users by their ids, and needs no more memory the more there are.
fn make_search_keys_anew(connection: &mut SqliteConnection) -> QueryResult<()> {
    let mut after = String::new();
    loop {
        let rows = rows_behind(&after, connection)?;
        let Some((last, ..)) = rows.last() else { return Ok(()) };
        after.clone_from(last);
        for (id, first_name, last_name, organization) in rows {
            diesel::update(users::table.find(id))
                .set((
                    users::first_name_key.eq(key(first_name)),
                    users::last_name_key.eq(key(last_name)),
                    users::organization_key.eq(key(organization)),
                ))
                .execute(connection)?;
        }
    }
}

/// A user's id, first and last name, and organization.
type Row = (String, Option<String>, Option<String>, Option<String>);

/// The next users with letters outside of ASCII. Those of email addresses are all of ASCII, and usernames have keys of their
/// own.
fn rows_behind(after: &str, connection: &mut SqliteConnection) -> QueryResult<Vec<Row>> {
    let beyond_ascii = "(length(CAST(first_name AS BLOB)) > length(first_name) \
                        OR length(CAST(last_name AS BLOB)) > length(last_name) \
                        OR length(CAST(organization AS BLOB)) > length(organization))";
    users::table
        .filter(users::id.gt(after))
        .filter(sql::<Bool>(beyond_ascii))
        .order(users::id)
        .limit(BATCH)
        .select((users::id, users::first_name, users::last_name, users::organization))
        .load(connection)
}

fn key(text: Option<String>) -> Option<String> {
    text.map(|text| SearchKey::of(&text).as_str().to_owned())
}
