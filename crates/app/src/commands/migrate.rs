use actix_web::rt::System;
use clap::CommandFactory as _;
use users_ports::{MigrateError, MigrationStatus, Migrator};

use crate::cli::{Cli, MigrateArgs};
use crate::config::{self, PoolArgs};
use crate::failure::Failure;
use crate::finish::Finish;
use crate::output;
use crate::wiring::Store;

/// Applies what is missing, or lists what is there, and writes a line for each migration.
pub fn run(args: &MigrateArgs) -> Result<Finish, Failure> {
    config::check(&[&args.database], &Cli::command())?;
    let open = if args.status { Store::open_existing } else { Store::open };
    let store = open(&args.database.url()?, &args.database, &PoolArgs::ONE_AT_A_TIME)?;
    let (lines, finish) = System::new().block_on(async {
        if args.status {
            status(&*store.migrator).await
        } else {
            migrate(&*store.migrator).await.map(|lines| (lines, Finish::Done))
        }
    })?;
    output::write(&lines)?;
    Ok(finish)
}

async fn migrate(migrator: &dyn Migrator) -> Result<String, Failure> {
    let applied = loop {
        match migrator.migrate().await {
            Err(error @ MigrateError::InProgress) => output::note(&format!("Waiting: {error}.")),
            outcome => break outcome?,
        }
    };
    if applied.is_empty() {
        output::note("The database has every migration already.");
    }
    Ok(lines(applied.iter().map(|name| (MigrationStatus::Applied, name.as_str()))))
}

async fn status(migrator: &dyn Migrator) -> Result<(String, Finish), Failure> {
    let states = migrator.status().await?;
    let is_any = |status| states.iter().any(|state| state.status == status);
    let finish = if is_any(MigrationStatus::Missing) {
        Finish::Behind
    } else if is_any(MigrationStatus::Unknown) {
        Finish::Ahead
    } else {
        Finish::Done
    };
    Ok((lines(states.iter().map(|state| (state.status, state.name.as_str()))), finish))
}

fn lines<'a>(migrations: impl Iterator<Item = (MigrationStatus, &'a str)>) -> String {
    let word = |status| match status {
        MigrationStatus::Applied => "applied",
        MigrationStatus::Missing => "missing",
        MigrationStatus::Unknown => "unknown",
    };
    migrations.fold(String::new(), |text, (status, name)| text + word(status) + "  " + name + "\n")
}

#[cfg(test)]
mod tests {
    use users_ports::{MigrateError, MigrationState, MigrationStatus, MockMigrator};

    use super::{Finish, migrate, status};

    #[tokio::test]
    async fn the_status_has_a_line_for_each_migration() {
        let mut migrator = MockMigrator::new();
        migrator.expect_status().return_once(|| {
            Ok(vec![
                MigrationState { name: "1_users".to_owned(), status: MigrationStatus::Applied },
                MigrationState { name: "2_tokens".to_owned(), status: MigrationStatus::Missing },
                MigrationState { name: "3".to_owned(), status: MigrationStatus::Unknown },
            ])
        });
        let (lines, finish) = status(&migrator).await.unwrap();
        assert_eq!(lines, "applied  1_users\nmissing  2_tokens\nunknown  3\n");
        assert_eq!(finish, Finish::Behind);
    }

    #[tokio::test]
    async fn another_copy_that_migrates_is_waited_for() {
        let mut migrator = MockMigrator::new();
        let mut tries = 0;
        migrator.expect_migrate().times(3).returning(move || {
            tries += 1;
            if tries < 3 { Err(MigrateError::InProgress) } else { Ok(vec![]) }
        });
        assert_eq!(migrate(&migrator).await.unwrap(), "");
    }

    #[tokio::test]
    async fn what_was_applied_is_told() {
        let mut migrator = MockMigrator::new();
        migrator.expect_migrate().return_once(|| Ok(vec!["1_users".to_owned()]));
        assert_eq!(migrate(&migrator).await.unwrap(), "applied  1_users\n");
    }
}
