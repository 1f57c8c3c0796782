use std::fs;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result};

use super::postgres::{IDLE_MIB, LOADED_MIB, at_least};
use super::{Plan, USERS};
use crate::bare;
use crate::cli::Part;
use crate::load::{Operation, Target};
use crate::machine::{memory_high_mib, memory_mib};
use crate::people::FIRST_ID;
use crate::progress::say;
use crate::report::Row;
use crate::service::Installation;
use crate::sqlite;
use crate::subject::HttpSubject;

impl Plan {
    /// Updates on SQLite, against one transaction for each.
    pub(super) fn measure_sqlite(&mut self) -> Result<()> {
        let (installation, file) = self.sqlite_with(USERS)?;
        // Two files alike: a lock of one subject must not hold up the other.
        let copy = file.with_extension("bare.db");
        fs::copy(&file, &copy)?;
        let service = installation.start(&installation.create_token()?, &format!("/v1/users/{FIRST_ID}"))?;
        sleep(Duration::from_secs(3));
        let idle = memory_mib(service.process().id()).context("the service has ended")?;

        let bare = bare::start_sqlite(&copy)?;
        let bare = HttpSubject::bare("bare handler, one transaction each", &bare, None, USERS);
        let put = HttpSubject::service("PUT", &service, None, Operation::PutProfile, Target::AnyOf(USERS));
        let (put, bare) = self.measure_two("SQLite, updates", &put, &bare)?;
        if self.wants(Part::Sqlite) {
            let work = "PUT on SQLite : bare handler, one transaction each";
            self.add(Row::ratio(work, &put, &bare, at_least(4.0, None)));
        }
        if self.wants(Part::Memory) {
            let loaded = memory_high_mib(service.process().id()).context("the service has ended")?;
            self.add(Row::at_most("resident memory on SQLite, idle", idle, " MiB", IDLE_MIB));
            self.add(Row::at_most(
                "resident memory on SQLite, the most under load",
                loaded,
                " MiB",
                LOADED_MIB,
            ));
        }
        Ok(())
    }

    /// A file of SQLite in a folder of its own, with so many users.
    pub(super) fn sqlite_with(&self, users: u64) -> Result<(Installation, PathBuf)> {
        say(format!("SQLite: loading {users} users"));
        let folder = self.folder.path().join(format!("sqlite-{users}"));
        fs::create_dir(&folder)?;
        let file = folder.join("users.db");
        let installation = Installation::new(&self.binary, &format!("sqlite:{}", file.display()), &folder);
        installation.migrate()?;
        sqlite::load(&file, users)?;
        Ok((installation, file))
    }
}
