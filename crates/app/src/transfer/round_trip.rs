//! What is exported is imported as it was, in every format.

use std::fs;
use std::future::{Ready, pending, ready};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use users_domain::{
    Avatar, Bio, Birthday, Label, Location, Moment, PersonName, Profile, User, UserFilter, UserId, UserQuery,
};
use users_ports::{Directory, UserCommand, Users};
use users_testkit::{
    FixedClock, MemoryStore, SequentialIds, UserStore, full_profile, noon, odd_profile, other_profile,
    user_id,
};
use users_use_cases::{CreateUser, IdempotencyGuard, ListUsers, ReadTurns, UpdateUser, Writes};

use super::{
    Columns, ErrorFile, Format, Import, Loader, Progress, RowThread, Source, Stopped, Tally, Target,
    UserWriter, export,
};

const WRITERS: [(UserWriter, Format); 3] = [
    (UserWriter::Ndjson, Format::Ndjson),
    (UserWriter::Csv, Format::Csv),
    (UserWriter::Spreadsheet, Format::Csv),
];

/// A loader into this repository.
pub fn loader(users: Arc<dyn Users>, upsert: bool) -> Loader {
    loader_that(users, upsert, false)
}

/// A loader that writes nothing.
pub fn dry_loader(users: Arc<dyn Users>, upsert: bool) -> Loader {
    loader_that(users, upsert, true)
}

fn loader_that(users: Arc<dyn Users>, upsert: bool, dry_run: bool) -> Loader {
    let (ids, clock) = (Arc::new(SequentialIds::default()), Arc::new(FixedClock::at(noon())));
    // An import has no idempotency keys.
    let records = Arc::new(MemoryStore::default());
    let writes = Writes::new(users, records, clock, IdempotencyGuard::default());
    Loader::new(CreateUser::new(writes.clone(), ids), UpdateUser::new(writes), upsert, dry_run)
}

async fn export_to(path: &Path, writer: UserWriter, users: &Arc<MemoryStore>) -> u64 {
    let mut target = Target::open(path).unwrap();
    let mut progress = Progress::begin(None);
    let written = export(
        &ListUsers::new(users.clone(), ReadTurns::default()),
        UserFilter::default(),
        writer,
        &mut target,
        &mut progress,
    )
    .await
    .unwrap();
    target.finish().unwrap();
    written
}

/// Imports what is in the file, and gives back the faults too, one a line.
async fn import_until(
    interrupted: impl Future<Output = ()>,
    path: &Path,
    format: Format,
    users: &Arc<dyn Users>,
    upsert: bool,
) -> (Tally, String) {
    // So late that every instant is past which an export can hold.
    let clock = Arc::new(FixedClock::at("9999-12-31T12:00:00Z".parse().unwrap()));
    let errors_path = path.with_extension("errors");
    let rows = RowThread::start(Source::open(path).unwrap(), format, &Columns::default(), clock).unwrap();
    let errors = ErrorFile::open(&errors_path, path).unwrap();
    let import = Import::new(rows, loader(users.clone(), upsert), errors, Progress::begin(None));
    let (tally, _) = import.run(interrupted).await.unwrap();
    (tally, fs::read_to_string(errors_path).unwrap_or_default())
}

async fn import(path: &Path, format: Format, users: &Arc<MemoryStore>, upsert: bool) -> (Tally, String) {
    let users: Arc<dyn Users> = users.clone();
    import_until(pending(), path, format, &users, upsert).await
}

async fn profiles(users: &MemoryStore) -> Vec<(UserId, Profile)> {
    let mut query = UserQuery::default();
    let mut all = Vec::new();
    loop {
        let page = Directory::list(users, &query).await.unwrap();
        query.after = page.users.last().map(|user| user.id().clone());
        all.extend(page.users.into_iter().map(|user| (user.id().clone(), user.profile().clone())));
        if !page.has_more {
            return all;
        }
    }
}

async fn store_of(profiles: impl IntoIterator<Item = Profile>) -> Arc<MemoryStore> {
    let store = Arc::new(MemoryStore::default());
    for (number, profile) in profiles.into_iter().enumerate() {
        let user = User::create(user_id(&format!("u{number}")), profile, noon());
        UserStore::create(&*store, user).await.unwrap();
    }
    store
}

/// Exports the store and imports it into an empty one, twice: the second time nothing is new.
async fn goes_round(store: &Arc<MemoryStore>) {
    let folder = tempfile::tempdir().unwrap();
    let expected = profiles(store).await;
    for (writer, format) in WRITERS {
        let path = folder.path().join("users");
        assert_eq!(export_to(&path, writer, store).await, expected.len() as u64);
        let copy = Arc::new(MemoryStore::default());
        let (tally, faults) = import(&path, format, &copy, true).await;
        assert_eq!(faults, "");
        assert_eq!((tally.created, tally.updated), (expected.len() as u64, 0));
        assert_eq!(profiles(&copy).await, expected, "{writer:?}");
        let (again, _) = import(&path, format, &copy, true).await;
        assert_eq!((again.created, again.updated), (0, expected.len() as u64));
        assert_eq!(profiles(&copy).await, expected, "{writer:?}");
    }
}

#[tokio::test]
async fn every_member_comes_back() {
    goes_round(&store_of([full_profile(), other_profile(), odd_profile(), Profile::default()]).await).await;
    goes_round(&store_of([]).await).await;
}

#[tokio::test]
async fn many_pages_come_back() {
    goes_round(&store_of((0..1001).map(|_| Profile::default())).await).await;
}

#[tokio::test]
async fn rows_of_one_user_are_loaded_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users");
    let lines: Vec<_> = (0..300).map(|n| format!("{{\"id\":\"a{}\",\"bio\":\"{n}\"}}", n % 3)).collect();
    fs::write(&path, lines.join("\n")).unwrap();
    let store = Arc::new(MemoryStore::default());
    let (tally, faults) = import(&path, Format::Ndjson, &store, true).await;
    assert_eq!((tally.created, tally.updated, faults.as_str()), (3, 297, ""));
    let bios: Vec<_> =
        profiles(&store).await.into_iter().map(|(_, it)| it.bio.unwrap().into_string()).collect();
    assert_eq!(bios, ["297", "298", "299"]);
}

#[tokio::test]
async fn what_is_refused_is_told_in_order_and_the_rest_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users");
    let text = "id,Username,email\n".to_lowercase() + "a,ada,\nb,ADA,\nc,\"x,\n,grace,nobody\na,,\n,,\n";
    fs::write(&path, text).unwrap();
    let store = Arc::new(MemoryStore::default());
    let (tally, faults) = import(&path, Format::Csv, &store, false).await;
    assert_eq!((tally.created, tally.refused, tally.without_id), (1, 2, 0));
    assert_eq!(
        faults,
        r#"{"line":3,"column":"username","code":"RESOURCE_ALREADY_EXISTS","detail":"must not be the username of another user"}
{"line":4,"last_line":7,"code":"MALFORMED_CSV","detail":"must have a quotation mark at the end of a value, within 262144 bytes"}
"#
    );
    fs::write(&path, "id,email\n,nobody\na,\n,eve@example.org\n,\n").unwrap();
    let (tally, faults) = import(&path, Format::Csv, &store, false).await;
    assert_eq!((tally.created, tally.refused, tally.without_id, tally.empty), (1, 2, 1, 1));
    let told: Vec<_> = faults.lines().map(|line| line.split(",\"detail").next().unwrap()).collect();
    assert_eq!(
        told,
        [
            r#"{"line":2,"column":"email","code":"INVALID_FORMAT""#,
            r#"{"line":3,"column":"id","code":"RESOURCE_ALREADY_EXISTS""#,
        ]
    );
}

#[tokio::test]
async fn an_interruption_begins_nothing_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users");
    fs::write(&path, "{}\n".repeat(100_000)).unwrap();
    let memory = Arc::new(MemoryStore::default());
    let store: Arc<dyn Users> = memory.clone();
    let now: Ready<()> = ready(());
    let (tally, _) = import_until(now, &path, Format::Ndjson, &store, false).await;
    assert!(matches!(tally.stopped, Some(Stopped::Interrupted)));
    assert_eq!(memory.count(&UserFilter::default()).await.unwrap(), tally.created);
    // It was wished before the first row.
    assert_eq!(tally.created, 0);
}

/// The rows are read faster than they are loaded, so that there is always another one.
#[tokio::test]
async fn an_interruption_is_heard_while_the_database_is_slower_than_the_file() {
    use users_ports::MockUsers;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users");
    fs::write(&path, "{}\n".repeat(4_000)).unwrap();
    let (interrupt, interrupted) = tokio::sync::oneshot::channel();
    let interrupt = std::sync::Mutex::new(Some(interrupt));
    let mut users = MockUsers::new();
    users.expect_write().returning(move |command, _| {
        std::thread::sleep(Duration::from_micros(200));
        interrupt.lock().unwrap().take().map(|interrupt| interrupt.send(()));
        Ok(created(command))
    });
    let users: Arc<dyn Users> = Arc::new(users);
    let interrupted = async { interrupted.await.unwrap() };
    let (tally, _) = import_until(interrupted, &path, Format::Ndjson, &users, false).await;
    assert!(matches!(tally.stopped, Some(Stopped::Interrupted)));
    // What was under way by then, and no more than the task is let do before it looks up.
    assert!(tally.created < 2_000, "{}", tally.created);
}

#[tokio::test]
async fn a_store_that_fails_stops_the_import_at_its_line() {
    use users_ports::{MockUsers, RepositoryError};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users");
    fs::write(&path, "{\"id\":\"a\"}\n{\"id\":\"b\"}\n{\"id\":\"c\"}\n").unwrap();
    let mut users = MockUsers::new();
    users.expect_write().returning(|command, _| match command.id().as_str() {
        "b" => Err(RepositoryError::Unavailable("away".to_owned()).into()),
        _ => Ok(created(command)),
    });
    let users: Arc<dyn Users> = Arc::new(users);
    let (tally, _) = import_until(pending(), &path, Format::Ndjson, &users, false).await;
    assert_eq!(tally.created, 2);
    let Some(Stopped::Failed { line: Some(2), failure }) = tally.stopped else { panic!("{tally:?}") };
    assert_eq!(failure.to_string(), "the store is not available: away");
}

fn created(command: UserCommand) -> User {
    match command {
        UserCommand::Create(user) => *user,
        other => panic!("{other:?}"),
    }
}

prop_compose! {
    /// Texts at the edge of what members take, and instants and days anywhere.
    fn profile()(
        active: bool,
        bio in proptest::option::of("[\\PC\r\n\t\",]{0,20}"),
        labels in proptest::collection::vec(proptest::option::of("[\\PC\",]{0,12}"), 4),
        name in proptest::option::of("[ ,\"é]{0,3}[a-z😀]{1,5}[ ,\"]{0,2}"),
        avatar in proptest::option::of("|/[a-z,\"]{0,9}"),
        days in proptest::option::of(0_i64..40_000),
        micros in proptest::option::of(-60_000_000_000_000_000_i64..1_700_000_000_000_000),
    ) -> Profile {
        let label = |number: usize| labels[number].as_deref().and_then(|text| Label::parse(text).ok());
        Profile {
            active,
            avatar: avatar.and_then(|text| Avatar::parse(text).ok()),
            bio: bio.and_then(|text| Bio::parse(text).ok()),
            birthday: days.map(|days| Birthday::from_stored(Birthday::EARLIEST + chrono::TimeDelta::days(days))),
            first_name: name.clone().and_then(|text| PersonName::parse(text).ok()),
            last_name: name.and_then(|text| PersonName::parse(text).ok()),
            last_seen: micros.and_then(chrono::DateTime::from_timestamp_micros).map(Moment::from_stored),
            location: labels[0].as_deref().and_then(|text| Location::parse(text).ok()),
            organization: label(1),
            regions: label(2),
            title: label(3),
            ..Profile::default()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_user_comes_back(profiles in proptest::collection::vec(profile(), 1..6)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { goes_round(&store_of(profiles).await).await });
    }
}
