use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use chrono::SubsecRound as _;
use users_domain::{Change, Profile, UserId, UserInput};
use users_ports::{Clock, IdGenerator, TokenRecord, TokenRepository};
use users_use_cases::{Caller, CreateUser, Scopes, Token, WriteError, WriteMode};

use crate::database_url::DatabaseUrl;
use crate::failure::Failure;

/// The id of the sample user.
const SAMPLE_ID: &str = "ada";

/// Where the development token of a database is kept, so that a request pasted yesterday works today.
pub fn token_file(url: &DatabaseUrl) -> PathBuf {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let mut name = OsString::from(path);
            name.push(".dev-token");
            name.into()
        }
        DatabaseUrl::Postgres(_) => PathBuf::from("users.dev-token"),
    }
}

/// Sees to it that the token in `file` is accepted: makes both where there is none, keeps the token again where the
/// database is a new one, and replaces it where it was revoked.
pub async fn ensure_token(
    file: &Path,
    tokens: &dyn TokenRepository,
    ids: &dyn IdGenerator,
    clock: &dyn Clock,
) -> Result<Token, Failure> {
    if let Some(token) = read_token(file)? {
        match tokens.find(token.id()).await? {
            Some(record) if record.revoked_at.is_none() && record.secret_hash == token.secret_hash() => {
                return Ok(token);
            }
            Some(_) => {}
            None => {
                tokens.create(record_of(&token, clock)).await?;
                return Ok(token);
            }
        }
    }
    let token = Token::new(ids.token_id(), ids.token_secret());
    // The file goes first: a token that is only in the file is kept by the next start, one that is only in the
    // database is lost.
    write_token(file, &token).map_err(|error| unusable(file, &error))?;
    tokens.create(record_of(&token, clock)).await?;
    Ok(token)
}

fn record_of(token: &Token, clock: &dyn Clock) -> TokenRecord {
    TokenRecord {
        id: token.id().to_owned(),
        name: "development".to_owned(),
        secret_hash: token.secret_hash(),
        grant: Scopes::all().into(),
        created_at: clock.now().trunc_subsecs(6),
        expires_at: None,
        revoked_at: None,
        last_used_on: None,
    }
}

fn read_token(file: &Path) -> Result<Option<Token>, Failure> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(file, &error)),
    };
    match text.trim().parse() {
        Ok(token) => Ok(Some(token)),
        Err(_) => Err(unusable(file, &"it holds something else; move it away")),
    }
}

/// Writes a file that nobody but its owner can read, not even for a moment.
fn write_token(file: &Path, token: &Token) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    writeln!(file, "{}", token.reveal())
}

fn unusable(file: &Path, reason: &impl ToString) -> Failure {
    Failure::DevTokenFile { path: file.to_owned(), reason: reason.to_string() }
}

/// Makes the sample user where there is none; one that is there stays as it is.
pub async fn ensure_sample_user(create_user: &CreateUser, clock: &dyn Clock) -> Result<(), Failure> {
    let set = |text: &str| Change::Set(text.to_owned());
    let input = UserInput {
        first_name: set("Ada"),
        last_name: set("Lovelace"),
        username: set("ada"),
        email: set("ada@example.org"),
        country: set("GB"),
        title: set("Countess"),
        ..UserInput::default()
    };
    let profile = input.validate(clock.now()).map(Profile::from).unwrap_or_default();
    let id = UserId::from_stored(SAMPLE_ID.to_owned());
    match create_user.execute(&Caller::command("serve"), Some(id), profile, WriteMode::Real).await {
        // Refused is what is there already, by its id or its username.
        Ok(_) | Err(WriteError::Rejected(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What a person may paste into a shell to see the service work.
pub fn invitation(url: &str, token: &Token) -> String {
    let token = token.reveal();
    format!(
        r#"
Development mode: there is a sample user, and a token that may do everything. Try it:

  curl -X PUT {url}/v1/users/{SAMPLE_ID} -H 'Authorization: Token {token}' -H 'Content-Type: application/json' -d '{{"title": "Mathematician", "bio": "Wrote the first program."}}'

Or try every request in a browser, with the same token: {url}/docs

"#
    )
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;
    use std::sync::Arc;

    use chrono::{DateTime, Utc};
    use mockall::predicate::eq;
    use users_domain::User;
    use users_ports::{
        Actor, MockIdempotencyRecords, MockTokenRepository, MockUsers, Rejection, UserCommand,
    };
    use users_use_cases::{CreateUser, IdempotencyGuard, Scopes, Token, Writes};

    use super::{ensure_sample_user, ensure_token, invitation, record_of, token_file};
    use crate::system::{SystemClock, SystemIds};

    async fn ensure(file: &Path, tokens: &MockTokenRepository) -> Token {
        ensure_token(file, tokens, &SystemIds, &SystemClock).await.unwrap()
    }

    fn directory() -> (tempfile::TempDir, std::path::PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("users.db.dev-token");
        (directory, file)
    }

    fn accepting() -> MockTokenRepository {
        let mut tokens = MockTokenRepository::new();
        tokens
            .expect_create()
            .times(1)
            .withf(|record| record.grant == Scopes::all().into())
            .returning(|_| Ok(()));
        tokens
    }

    #[tokio::test]
    async fn the_first_start_makes_a_token_that_only_its_owner_can_read() {
        let (_directory, file) = directory();
        let token = ensure(&file, &accepting()).await;
        assert_eq!(fs::read_to_string(&file).unwrap(), format!("{}\n", token.reveal()));
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[tokio::test]
    async fn a_restart_finds_the_same_token() {
        let (_directory, file) = directory();
        let first = ensure(&file, &accepting()).await;
        let mut tokens = MockTokenRepository::new();
        let record = record_of(&first, &SystemClock);
        tokens.expect_find().with(eq(first.id().to_owned())).returning(move |_| Ok(Some(record.clone())));
        assert_eq!(ensure(&file, &tokens).await, first);
    }

    #[tokio::test]
    async fn a_new_database_gets_the_token_of_the_file() {
        let (_directory, file) = directory();
        let first = ensure(&file, &accepting()).await;
        let mut tokens = accepting();
        tokens.expect_find().returning(|_| Ok(None));
        assert_eq!(ensure(&file, &tokens).await, first);
    }

    #[tokio::test]
    async fn a_revoked_token_is_replaced() {
        let (_directory, file) = directory();
        let first = ensure(&file, &accepting()).await;
        let mut record = record_of(&first, &SystemClock);
        record.revoked_at = Some(DateTime::<Utc>::UNIX_EPOCH);
        let mut tokens = accepting();
        tokens.expect_find().returning(move |_| Ok(Some(record.clone())));
        let second = ensure(&file, &tokens).await;
        assert_ne!(second, first);
        assert_eq!(fs::read_to_string(&file).unwrap().trim(), second.reveal());
    }

    #[tokio::test]
    async fn a_file_with_something_else_is_left_alone() {
        let (_directory, file) = directory();
        fs::write(&file, "my diary").unwrap();
        let failure =
            ensure_token(&file, &MockTokenRepository::new(), &SystemIds, &SystemClock).await.unwrap_err();
        assert!(failure.to_string().contains("move it away"), "{failure}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "my diary");
    }

    fn create_user(answer: fn(&User) -> Result<(), Rejection>) -> CreateUser {
        let mut users = MockUsers::new();
        users.expect_write().times(1).returning(move |command, stamp| {
            let UserCommand::Create(user) = command else { panic!("{command:?}") };
            assert_eq!(stamp.actor, Actor::Command("serve"));
            Ok(answer(&user).map(|()| *user)?)
        });
        let (records, clock) = (Arc::new(MockIdempotencyRecords::new()), Arc::new(SystemClock));
        let writes = Writes::new(Arc::new(users), records, clock, IdempotencyGuard::default());
        CreateUser::new(writes, Arc::new(SystemIds))
    }

    #[tokio::test]
    async fn the_sample_user_is_valid_and_made_once() {
        let made = create_user(|user| {
            assert_eq!(user.id().as_str(), "ada");
            assert_eq!(user.profile().username.as_ref().unwrap().as_str(), "ada");
            Ok(())
        });
        ensure_sample_user(&made, &SystemClock).await.unwrap();
        ensure_sample_user(&create_user(|_| Err(Rejection::IdTaken)), &SystemClock).await.unwrap();
    }

    #[test]
    fn the_token_file_lies_beside_the_database() {
        assert_eq!(token_file(&"sqlite:var/users.db".parse().unwrap()), Path::new("var/users.db.dev-token"));
        assert_eq!(token_file(&"postgres://db/users".parse().unwrap()), Path::new("users.dev-token"));
    }

    #[test]
    fn the_invitation_is_one_line_for_a_shell() {
        let text = invitation("http://127.0.0.1:8080", &Token::new("abc".to_owned(), [7; 32]));
        let line = text.lines().find(|line| line.contains("curl")).unwrap();
        assert!(line.contains(" -X PUT http://127.0.0.1:8080/v1/users/ada "), "{line}");
        assert!(line.contains("'Authorization: Token usr_abc_0707"), "{line}");
        let body = line.split(" -d '").nth(1).unwrap().trim_end_matches('\'');
        assert!(serde_json::from_str::<serde_json::Value>(body).unwrap().is_object());
    }
}
