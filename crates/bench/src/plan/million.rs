use std::fs;

use anyhow::Result;

use super::postgres::at_least;
use super::{MILLION, Plan};
use crate::cli::Part;
use crate::load::{Operation, Target};
use crate::people::FIRST_ID;
use crate::pgbench::Statement;
use crate::postgres::Database;
use crate::progress::say;
use crate::report::{Goal, Row};
use crate::service::{Installation, Service};
use crate::subject::{HttpSubject, PgbenchSubject};

impl Plan {
    /// What is measured on PostgreSQL with many users, on a server of its own.
    pub(super) fn measure_million_on_postgres(&mut self) -> Result<()> {
        say(format!("PostgreSQL: loading {MILLION} users"));
        let cluster = self.start_cluster();
        let database = cluster.create_database();
        let installation = Installation::new(&self.binary, database.url(), self.folder.path());
        installation.migrate()?;
        database.load(MILLION)?;
        let service = installation.start(&installation.create_token()?, &format!("/v1/users/{FIRST_ID}"))?;
        if self.wants(Part::List) {
            self.list("the list on PostgreSQL, 900,000 of 1,000,000 users deep : first page", &service)?;
        }
        if self.wants(Part::Million) {
            self.million_updates_and_reads(&service, &database)?;
        }
        Ok(())
    }

    fn million_updates_and_reads(&mut self, service: &Service, database: &Database<'_>) -> Result<()> {
        let folder = self.folder.path().to_owned();
        let http = |name, operation| {
            HttpSubject::service(name, service, Some(database), operation, Target::AnyOf(MILLION))
        };
        let pgbench = |statement| PgbenchSubject::new(database, statement, MILLION, &folder);
        let put = http("PUT of three members of a random user", Operation::PutProfile);
        let (put, update) =
            self.measure_two("PostgreSQL, 1,000,000 users, updates", &put, &pgbench(Statement::Update))?;
        let work = "PUT on PostgreSQL, 1,000,000 users : pgbench";
        self.add(Row::ratio(work, &put, &update, at_least(1.1, Some(1.5))));

        let get = http("GET of a random user", Operation::Get);
        let (get, select) =
            self.measure_two("PostgreSQL, 1,000,000 users, reads", &get, &pgbench(Statement::Select))?;
        self.add(Row::ratio("GET on PostgreSQL, 1,000,000 users : pgbench", &get, &select, Goal::None));
        Ok(())
    }

    /// What is measured on SQLite with many users.
    pub(super) fn measure_million_on_sqlite(&mut self) -> Result<()> {
        if self.wants(Part::Start) {
            self.start_empty()?;
        }
        let (installation, file) = self.sqlite_with(MILLION)?;
        if self.wants(Part::Start) {
            self.start_with_users(&installation)?;
        }
        if self.wants(Part::List) {
            let service =
                installation.start(&installation.create_token()?, &format!("/v1/users/{FIRST_ID}"))?;
            self.list("the list on SQLite, 900,000 of 1,000,000 users deep : first page", &service)?;
        }
        fs::remove_file(file)?;
        Ok(())
    }
}
