use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::System;
use users_http::Services;

use super::data::{format_of, open};
use crate::config::PoolArgs;
use crate::data_args::ImportArgs;
use crate::failure::Failure;
use crate::finish::Finish;
use crate::interrupt::interrupted;
use crate::output;
use crate::system::SystemClock;
use crate::transfer::{
    ColumnOfMember, Columns, ErrorFile, Format, Import, Loader, Progress, RowThread, Source, Stopped, Tally,
    Window, rate,
};

/// As many batches can be under way at once as the rows of a window make; the queue never turns one away.
const POOL: PoolArgs = PoolArgs { db_writers: 4, db_readers: 1, queue_capacity: Window::SIZE };

/// Loads the users of a file, and tells of the lines that are refused.
pub fn run(args: &ImportArgs) -> Result<Finish, Failure> {
    let format = format_of(&args.file, args.format, Format::of_input)?;
    System::new().block_on(async {
        let store = open(&args.database, &POOL).await?;
        let source = Source::open(&args.file)?;
        let progress_to = source.size;
        let errors_path = args.errors.clone().unwrap_or_else(|| default_errors(&args.file));
        let columns = columns(args)?;
        let rows = RowThread::start(source, format, &columns, Arc::new(SystemClock))?;
        let errors = ErrorFile::open(&errors_path, &args.file)?;
        let Services { create_user, update_user, .. } = store.services();
        let loader = Loader::new(create_user, update_user, args.upsert, args.dry_run);
        let import = Import::new(rows, loader, errors, Progress::begin(progress_to));
        let (tally, took) = import.run(interrupted()?).await?;
        output::note(&summary(&tally, took, &errors_path, args.dry_run));
        if args.upsert && !args.dry_run && tally.without_id > 0 {
            output::note(&format!(
                "{} of the new users had no id in the file: run again, it would create them again.",
                tally.without_id
            ));
        }
        finish(tally)
    })
}

/// What the columns of the file hold, as the flags tell.
fn columns(args: &ImportArgs) -> Result<Columns, Failure> {
    let mut map = args.map.clone();
    if let Some(path) = &args.map_file {
        let text = fs::read_to_string(path).map_err(|source| Failure::file("read", path, source))?;
        for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            let mapped = line.parse::<ColumnOfMember>();
            map.push(
                mapped.map_err(|why| Failure::Settings(format!("--map-file: the line {line:?} {why}")))?,
            );
        }
    }
    Ok(Columns { map, ignore_unknown: args.ignore_unknown })
}

fn finish(tally: Tally) -> Result<Finish, Failure> {
    match tally.stopped {
        None if tally.refused == 0 => Ok(Finish::Done),
        None => Ok(Finish::Refused),
        Some(Stopped::Interrupted) => {
            output::note("Stopped before the end of the file. With --upsert it can be run again.");
            Ok(Finish::Interrupted)
        }
        Some(Stopped::Failed { line: None, failure }) => Err(failure),
        Some(Stopped::Failed { line: Some(line), failure }) => {
            Err(Failure::ImportStopped { line, reason: failure.to_string() })
        }
    }
}

fn summary(tally: &Tally, took: Duration, errors: &Path, dry_run: bool) -> String {
    let Tally { created, updated, refused, empty, .. } = tally;
    let (loaded, seconds) = (tally.loaded(), took.as_secs_f64());
    let rate = rate(loaded, took);
    let refused = match refused {
        0 => "none rejected".to_owned(),
        _ if errors == Path::new("-") => format!("{refused} rejected"),
        _ => format!("{refused} rejected: see {}", errors.display()),
    };
    let skipped = match empty {
        0 => String::new(),
        1 => "; 1 empty row skipped".to_owned(),
        _ => format!("; {empty} empty rows skipped"),
    };
    let done = if dry_run { "Nothing was written. Checked" } else { "Loaded" };
    format!(
        "{done} {loaded} users in {seconds:.1} s, {rate} a second: {created} created, {updated} updated; \
         {refused}{skipped}."
    )
}

/// Beside the file that is read.
fn default_errors(file: &Path) -> PathBuf {
    if file == Path::new("-") {
        return file.to_owned();
    }
    let mut name = file.as_os_str().to_owned();
    name.push(".errors.ndjson");
    name.into()
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::{Finish, Tally, default_errors, finish, summary};

    #[test]
    fn the_summary_tells_what_became_of_every_line() {
        let tally = Tally { created: 900, updated: 100, refused: 2, ..Tally::default() };
        assert_eq!(
            summary(&tally, Duration::from_millis(2500), Path::new("x.errors.ndjson"), false),
            "Loaded 1000 users in 2.5 s, 400 a second: 900 created, 100 updated; \
             2 rejected: see x.errors.ndjson."
        );
        assert_eq!(finish(tally).unwrap(), Finish::Refused);
        assert_eq!(
            summary(&Tally::default(), Duration::ZERO, Path::new("-"), false),
            "Loaded 0 users in 0.0 s, 0 a second: 0 created, 0 updated; none rejected."
        );
        assert_eq!(finish(Tally::default()).unwrap(), Finish::Done);
        assert!(
            summary(&Tally::default(), Duration::ZERO, Path::new("-"), true)
                .starts_with("Nothing was written. Checked 0 ")
        );
        let tally = Tally { empty: 2, ..Tally::default() };
        assert!(
            summary(&tally, Duration::ZERO, Path::new("-"), false)
                .ends_with("none rejected; 2 empty rows skipped.")
        );
        assert_eq!(finish(tally).unwrap(), Finish::Done);
    }

    #[test]
    fn the_errors_stand_beside_the_file() {
        assert_eq!(default_errors(Path::new("/data/users.csv")), Path::new("/data/users.csv.errors.ndjson"));
        assert_eq!(default_errors(Path::new("-")), Path::new("-"));
    }
}
