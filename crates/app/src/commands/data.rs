//! What the commands have in common that work on users.

use std::path::Path;

use clap::CommandFactory as _;

use crate::cli::Cli;
use crate::config::{self, DatabaseArgs, PoolArgs};
use crate::failure::Failure;
use crate::schema::require_schema;
use crate::transfer::Format;
use crate::wiring::Store;

/// Opens the database, whose schema must be that of this version.
pub async fn open(database: &DatabaseArgs, pool: &PoolArgs) -> Result<Store, Failure> {
    config::check(&[database], &Cli::command())?;
    let store = Store::open_existing(&database.url()?, database, pool)?;
    require_schema(&*store.migrator).await?;
    Ok(store)
}

/// The format that was asked for, or else the one `by_name` that the name of the file tells.
pub fn format_of(
    file: &Path,
    asked: Option<Format>,
    by_name: impl FnOnce(&Path) -> Option<Format>,
) -> Result<Format, Failure> {
    let by_name = || if file == Path::new("-") { Some(Format::Ndjson) } else { by_name(file) };
    asked.or_else(by_name).ok_or_else(|| {
        let file = file.display();
        Failure::Settings(format!(
            "{file} does not tell by its name what it holds: add --format ndjson or --format csv"
        ))
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::format_of;
    use crate::transfer::Format;

    #[test]
    fn what_was_asked_for_goes_before_the_name() {
        let of = |file, asked| format_of(Path::new(file), asked, Format::of);
        assert_eq!(of("users.csv", Some(Format::Ndjson)).unwrap(), Format::Ndjson);
        assert_eq!(of("users.csv", None).unwrap(), Format::Csv);
        assert_eq!(of("-", None).unwrap(), Format::Ndjson);
        assert!(of("users.txt", None).unwrap_err().to_string().contains("--format"));
    }
}
