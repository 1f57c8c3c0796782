use std::io::{self, IsTerminal as _};

use actix_web::rt::System;
use users_domain::{BrokenRule, Member, Precondition, User, UserId, UserUpdate, Version, Violation};
use users_http::Services;
use users_ports::Clock as _;
use users_use_cases::{Caller, Rejection, WriteError, WriteMode, Written};

use super::data::open;
use crate::config::{DatabaseArgs, PoolArgs};
use crate::data_args::{DeleteUserArgs, GetUserArgs, UpdateUserArgs, UserCommand};
use crate::failure::Failure;
use crate::finish::Finish;
use crate::output;
use crate::system::SystemClock;
use crate::transfer::TextUser;

/// Runs one of the `users user` commands. What is refused is told on standard error, each reason on a line.
pub fn run(command: &UserCommand) -> Result<Finish, Failure> {
    let database = match command {
        UserCommand::Get(GetUserArgs { database, .. })
        | UserCommand::Update(UpdateUserArgs { database, .. })
        | UserCommand::Delete(DeleteUserArgs { database, .. }) => database,
    };
    match System::new().block_on(answer(command, database))? {
        Ok((user, dry_run)) => {
            show(&user, dry_run)?;
            Ok(Finish::Done)
        }
        Err(reasons) => {
            for reason in reasons {
                output::note(&format!("users: {reason}"));
            }
            Ok(Finish::Refused)
        }
    }
}

/// The user that a command shows, and whether that is only what would be; or why it is refused.
type Answer = Result<(User, bool), Vec<String>>;

async fn answer(command: &UserCommand, database: &DatabaseArgs) -> Result<Answer, Failure> {
    // What is wrong with the command is told without a look at the database.
    let request = match Request::of(command)? {
        Ok(request) => request,
        Err(reasons) => return Ok(Err(reasons)),
    };
    let services = open(database, &PoolArgs::ONE_AT_A_TIME).await?.services();
    let (written, dry_run) = match request {
        Request::Get(id) => {
            let found = services.get_user.execute(&id).await?;
            return Ok(found.map(|user| (user, false)).ok_or_else(|| vec![refusal(&Rejection::NotFound)]));
        }
        Request::Update(id, update, how) => (update_user(&services, &id, *update, &how).await, how.dry_run),
        Request::Delete(id, how) => {
            let Condition { precondition, dry_run } = how;
            (services.delete_user.execute(&caller(), &id, precondition, mode(dry_run)).await, dry_run)
        }
    };
    match written {
        Ok(Written { user, replayed: _ }) => Ok(Ok((user, dry_run))),
        Err(WriteError::Rejected(reason)) => Ok(Err(vec![refusal(&reason)])),
        Err(error) => Err(Failure::Write(error)),
    }
}

async fn update_user(
    services: &Services,
    id: &UserId,
    update: UserUpdate,
    condition: &Condition,
) -> Result<Written, WriteError> {
    let Condition { precondition, dry_run } = condition;
    services.update_user.execute(&caller(), id, update, precondition.clone(), mode(*dry_run)).await
}

fn caller() -> Caller {
    Caller::command("user")
}

const fn mode(dry_run: bool) -> WriteMode {
    if dry_run { WriteMode::DryRun } else { WriteMode::Real }
}

/// What a command asks for, once it is known to be valid.
#[derive(Debug)]
enum Request {
    Get(UserId),
    Update(UserId, Box<UserUpdate>, Condition),
    Delete(UserId, Condition),
}

/// On which condition something is written, and whether it is.
#[derive(Debug)]
struct Condition {
    precondition: Precondition,
    dry_run: bool,
}

impl Condition {
    fn of(if_match: Option<&str>, dry_run: bool) -> Result<Self, Failure> {
        let precondition = match if_match {
            None => Precondition::Exists,
            Some(tag) => users_http::read_if_match(tag).ok_or_else(|| {
                Failure::Settings("--if-match must be an entity tag, as `users user get` tells it".to_owned())
            })?,
        };
        Ok(Self { precondition, dry_run })
    }
}

impl Request {
    /// What the command asks for, or every rule that it breaks.
    fn of(command: &UserCommand) -> Result<Result<Self, Vec<String>>, Failure> {
        Ok(match command {
            UserCommand::Get(GetUserArgs { id, .. }) => user_id(id).map(Self::Get),
            UserCommand::Update(args) => {
                let condition = Condition::of(args.if_match.as_deref(), args.dry_run)?;
                user_id(&args.id).and_then(|id| Ok(Self::Update(id, Box::new(update_of(args)?), condition)))
            }
            UserCommand::Delete(DeleteUserArgs { id, if_match, dry_run, .. }) => {
                let condition = Condition::of(if_match.as_deref(), *dry_run)?;
                user_id(id).map(|id| Self::Delete(id, condition))
            }
        })
    }
}

fn user_id(text: &str) -> Result<UserId, Vec<String>> {
    UserId::parse(text).map_err(|rule| vec![told(Member::Id.name(), &rule)])
}

fn update_of(args: &UpdateUserArgs) -> Result<UserUpdate, Vec<String>> {
    let set = args.set.iter().map(|(member, value)| (*member, Some(value.clone())));
    let changes: Vec<_> = set.chain(args.clear.iter().map(|member| (*member, None))).collect();
    let mut members: Vec<_> = changes.iter().map(|(member, _)| *member).collect();
    members.sort();
    if let Some([member, _]) = members.array_windows().find(|[member, next]| member == next) {
        return Err(vec![format!("{member} must not be given twice")]);
    }
    let mut user = TextUser::default();
    for (member, value) in changes {
        user.set(member, value);
    }
    let valid = user.validate(SystemClock.now());
    valid.map(|wish| wish.update).map_err(|violations| violations.iter().map(broken).collect())
}

fn broken(violation: &Violation) -> String {
    told(violation.place(), violation.rule())
}

fn told(member: &str, rule: &BrokenRule) -> String {
    format!("{member} {rule} ({})", rule.code().as_str())
}

fn refusal(refusal: &Rejection) -> String {
    match refusal {
        Rejection::NotFound => "there is no user with this id".to_owned(),
        Rejection::UsernameTaken => "username must not be the username of another user".to_owned(),
        Rejection::IdTaken => "id must not be the id of another user".to_owned(),
        Rejection::PreconditionFailed { current } => {
            format!("--if-match does not hold: the user's entity tag is {}", tag(*current))
        }
    }
}

/// The entity tag, without the quotation marks, which a shell would take away.
fn tag(version: Version) -> String {
    users_http::write_entity_tag(version).trim_matches('"').to_owned()
}

/// Writes the user to standard output: on many lines for people, on one for programs.
fn show(user: &User, dry_run: bool) -> Result<(), Failure> {
    let json = users_http::write_user(user, io::stdout().is_terminal())
        .map_err(|source| Failure::System { doing: "cannot write the user", source: source.into() })?;
    output::write(&(String::from_utf8_lossy(&json) + "\n"))?;
    output::note(&if dry_run {
        "Dry run: nothing was written.".to_owned()
    } else {
        format!("Entity tag: {}", tag(user.version()))
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use rstest::rstest;
    use users_domain::{Change, Precondition, Version};

    use super::{Request, refusal};
    use crate::cli::{Cli, Command};
    use users_use_cases::Rejection;

    fn request(line: &[&str]) -> Result<Request, Vec<String>> {
        let line = ["users", "user"].iter().chain(line);
        let Command::User(args) = Cli::try_parse_from(line).unwrap().command else { panic!("not `user`") };
        Request::of(&args.command).unwrap()
    }

    #[test]
    fn an_update_sets_clears_and_leaves_the_rest() {
        let line =
            ["update", "ada", "--set", "title=", "--set", "active=FALSE", "--clear", "phone", "--dry-run"];
        let Request::Update(id, update, condition) = request(&line).unwrap() else { panic!("not an update") };
        assert_eq!(id.as_str(), "ada");
        assert_eq!(update.title.set().map(users_domain::Label::as_str), Some(""));
        assert_eq!((update.active, update.phone, update.bio), (Some(false), Change::Clear, Change::Keep));
        assert_eq!((condition.precondition, condition.dry_run), (Precondition::Exists, true));
    }

    #[rstest]
    #[case::id(&["get", "a b"], &["id must be 1 to 128 of A-Z, a-z, 0-9 and -._~:@!$&'()*+,;=| (INVALID_FORMAT)"])]
    #[case::twice(&["update", "a", "--set", "bio=x", "--clear", "bio"], &["bio must not be given twice"])]
    #[case::alias(
        &["update", "a", "--set", "first_name=x", "--set", "firstName=y"],
        &["firstName must not be given twice"]
    )]
    #[case::all_rules(
        &["update", "a", "--clear", "active", "--set", "phone=1", "--set", "twitter=a b"],
        &["active must", "phone must", "twitter must"]
    )]
    fn every_broken_rule_is_told(#[case] line: &[&str], #[case] expected: &[&str]) {
        let reasons = request(line).unwrap_err();
        assert_eq!(reasons.len(), expected.len(), "{reasons:?}");
        for (reason, expected) in reasons.iter().zip(expected) {
            assert!(reason.starts_with(expected), "{reason}");
        }
    }

    #[rstest]
    #[case(&["users", "user", "update", "ada"])]
    #[case(&["users", "user", "update", "ada", "--set", "nick=x"])]
    #[case(&["users", "user", "update", "ada", "--set", "bio"])]
    #[case(&["users", "user", "update", "ada", "--clear", "id"])]
    fn what_cannot_be_read_is_a_usage_error(#[case] line: &[&str]) {
        assert_eq!(Cli::try_parse_from(line).err().unwrap().exit_code(), 2);
    }

    #[test]
    fn a_refusal_tells_the_tag_that_would_do() {
        let told = refusal(&Rejection::PreconditionFailed { current: Version::from_stored(42) });
        let tag = told.rsplit(' ').next().unwrap();
        let Request::Delete(_, condition) = request(&["delete", "a", "--if-match", tag]).unwrap() else {
            panic!("not a deletion")
        };
        assert_eq!(condition.precondition, Precondition::VersionIn(vec![Version::from_stored(42)]));
    }
}
