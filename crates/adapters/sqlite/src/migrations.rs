use diesel::connection::BoxableConnection;
use diesel::dsl::sql;
use diesel::migration::{Migration, MigrationMetadata, MigrationName, MigrationSource, Result};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::Bool;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use users_domain::{Email, SearchKey, Username};

use crate::schema::users;

const SQL: EmbeddedMigrations = embed_migrations!("../../../migrations/sqlite");

/// The versions of the migrations whose work no SQL can do: each follows a change of the rules for keys.
const KEYS_ANEW: [&str; 2] = ["20261125000000", "20261127000000"];

/// How many users are changed in one go.
const BATCH: i64 = 1000;

/// Every migration: those of `migrations/sqlite`, some of which go on in Rust.
pub(crate) struct Migrations;

impl MigrationSource<Sqlite> for Migrations {
    fn migrations(&self) -> Result<Vec<Box<dyn Migration<Sqlite>>>> {
        let all: Vec<Box<dyn Migration<Sqlite>>> = SQL.migrations()?;
        Ok(all.into_iter().map(continued).collect())
    }
}

fn continued(migration: Box<dyn Migration<Sqlite>>) -> Box<dyn Migration<Sqlite>> {
    if KEYS_ANEW.contains(&migration.name().version().to_string().as_str()) {
        Box::new(KeysAnew(migration))
    } else {
        migration
    }
}

/// Makes the keys anew that SQL made, which knows few small letters, or an older rule.
struct KeysAnew(Box<dyn Migration<Sqlite>>);

impl Migration<Sqlite> for KeysAnew {
    fn run(&self, connection: &mut dyn BoxableConnection<Sqlite>) -> Result<()> {
        self.0.run(connection)?;
        let connection =
            connection.downcast_mut::<SqliteConnection>().ok_or("a connection of another kind")?;
        Ok(make_keys_anew(connection)?)
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
fn make_keys_anew(connection: &mut SqliteConnection) -> QueryResult<()> {
    let mut after = String::new();
    loop {
        let rows = rows_behind(&after, connection)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after.clone_from(&last.id);
        for row in rows {
            make_username_key_anew(&row, connection)?;
            let key = |text: Option<String>| text.map(|text| SearchKey::of(&text).into_string());
            diesel::update(users::table.find(row.id))
                .set((
                    users::first_name_key.eq(key(row.first_name)),
                    users::last_name_key.eq(key(row.last_name)),
                    users::organization_key.eq(key(row.organization)),
                    users::email_key.eq(row.email.map(|email| Email::from_stored(email).key().into_string())),
                ))
                .execute(connection)?;
        }
    }
}

/// Gives the username its present key, unless another user has it: two names that were different by an older rule both stay,
/// and the one that comes second stays under its older key.
fn make_username_key_anew(row: &Row, connection: &mut SqliteConnection) -> QueryResult<()> {
    let Some(username) = &row.username else { return Ok(()) };
    let key = Username::from_stored(username.as_str()).key();
    if row.username_key.as_deref() == Some(key.as_str()) {
        return Ok(());
    }
    // In a savepoint: the first statement that fails would end the transaction.
    let update = diesel::update(users::table.find(&row.id)).set(users::username_key.eq(key.as_str()));
    match connection.transaction(|connection| update.execute(connection)) {
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
            tracing::warn!(
                user.id = row.id,
                "The username of this user now counts as equal to that of another one; both are unchanged. \
                 Give one of them another username."
            );
            Ok(())
        }
        other => other.map(drop),
    }
}

/// What the keys of a user are made of.
#[derive(Queryable)]
struct Row {
    id: String,
    first_name: Option<String>,
    last_name: Option<String>,
    organization: Option<String>,
    email: Option<String>,
    username: Option<String>,
    username_key: Option<String>,
}

/// The next users with letters outside of ASCII, or with a domain that stands for such letters.
fn rows_behind(after: &str, connection: &mut SqliteConnection) -> QueryResult<Vec<Row>> {
    let beyond_ascii = "(length(CAST(first_name AS BLOB)) > length(first_name) \
                        OR length(CAST(last_name AS BLOB)) > length(last_name) \
                        OR length(CAST(organization AS BLOB)) > length(organization) \
                        OR length(CAST(username AS BLOB)) > length(username) \
                        OR length(CAST(email AS BLOB)) > length(email) OR email_key LIKE '%xn--%')";
    users::table
        .filter(users::id.gt(after))
        .filter(sql::<Bool>(beyond_ascii))
        .order(users::id)
        .limit(BATCH)
        .select((
            users::id,
            users::first_name,
            users::last_name,
            users::organization,
            users::email,
            users::username,
            users::username_key,
        ))
        .load(connection)
}
