use std::fs;

use anyhow::Result;

use super::postgres::at_least;
use super::{MILLION, Plan};
use crate::cli::Part;
use crate::load::{Operation, Target};
use crate::numbers::{figure, with_commas};
use crate::people::FIRST_ID;
use crate::pgbench::Statement;
use crate::postgres::{Cluster, Database};
use crate::progress::say;
use crate::report::{Goal, Row};
use crate::service::{Installation, Service};
use crate::subject::{HttpSubject, PgbenchSubject};

impl Plan {
    /// What is measured on PostgreSQL with many users, on a server of its own.
    pub(super) fn measure_million_on_postgres(&mut self) -> Result<()> {
        say(format!("PostgreSQL: loading {MILLION} users"));
        let cluster = self.start_cluster();
        let (database, installation) = self.loaded(&cluster, MILLION)?;
        let service = installation.start(&installation.create_token()?, &format!("/v1/users/{FIRST_ID}"))?;
        if self.wants(Part::List) {
            self.list("the list on PostgreSQL, 900,000 of 1,000,000 users deep : first page", &service)?;
        }
        if self.wants(Part::Million) {
            self.updates_and_reads(&service, &database, MILLION, at_least(1.1, Some(1.5)))?;
        }
        Ok(())
    }

    /// Updates and reads on PostgreSQL with so many users, on a server of its own.
    pub(super) fn measure_growth(&mut self, users: u64) -> Result<()> {
        say(format!("PostgreSQL: loading {users} users"));
        let cluster = self.start_cluster();
        let (database, installation) = self.loaded(&cluster, users)?;
        let service = installation.start(&installation.create_token()?, &format!("/v1/users/{FIRST_ID}"))?;
        self.updates_and_reads(&service, &database, users, Goal::None)
    }

    /// A database with so many users, and the service to be started on it.
    pub(super) fn loaded<'a>(
        &self,
        cluster: &'a Cluster,
        users: u64,
    ) -> Result<(Database<'a>, Installation)> {
        let database = cluster.create_database();
        let installation = Installation::new(&self.binary, database.url(), self.folder.path());
        installation.migrate()?;
        database.load(users)?;
        Ok((database, installation))
    }

    fn updates_and_reads(
        &mut self,
        service: &Service,
        database: &Database<'_>,
        users: u64,
        put_goal: Goal,
    ) -> Result<()> {
        let folder = self.folder.path().to_owned();
        let http = |name, operation| {
            HttpSubject::service(name, service, Some(database), operation, Target::AnyOf(users))
        };
        let pgbench = |statement| PgbenchSubject::new(database, statement, users, &folder);
        let many = format!("PostgreSQL, {} users", with_commas(figure(users)));
        let put = http("PUT of three members of a random user", Operation::PutProfile);
        let (put, update) =
            self.measure_two(&format!("{many}, updates"), &put, &pgbench(Statement::Update))?;
        self.add(Row::ratio(&format!("PUT on {many} : pgbench"), &put, &update, put_goal));

        let get = http("GET of a random user", Operation::Get);
        let (get, select) = self.measure_two(&format!("{many}, reads"), &get, &pgbench(Statement::Select))?;
        self.add(Row::ratio(&format!("GET on {many} : pgbench"), &get, &select, Goal::None));
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
