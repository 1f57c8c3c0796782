//! The flags of the commands that work on users: `users import`, `users export` and `users user`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use users_domain::Member;

use crate::config::DatabaseArgs;
use crate::transfer::{ColumnOfMember, Format};

/// Flags of `users import`.
#[derive(Args, Clone)]
#[command(after_help = "\
Examples:
  users import users.ndjson
  users import users.csv --upsert --errors bad-lines.ndjson
  users import google.csv --map \"First Name [Required]=firstName\" --ignore-unknown
  users import auth0.json.gz --map user_id=id --map /user_metadata/phone=phone --ignore-unknown
  users import users.csv --dry-run

Exit code: 0 all lines are loaded; 1 some were rejected, and the file of errors says why; 2 the import could not begin or \
not go on; 130 it was stopped by Ctrl-C or SIGTERM.")]
pub struct ImportArgs {
    /// Which database.
    #[command(flatten)]
    pub database: DatabaseArgs,

    /// The file: JSON objects as the API takes them, one a line or in an array, or CSV with a header; - is standard
    /// input. It may be compressed by gzip.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// What the file looks like [default: by its extension .ndjson, .jsonl, .json or .csv, also before
    /// .gz; ndjson for standard input].
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// Read a column, or a member of JSON, under another name as this member: "First Name=firstName". Can be repeated.
    ///
    /// In JSON, a name that begins with / is a JSON pointer: /profile/email=email.
    #[arg(long, value_name = "COLUMN=MEMBER")]
    pub map: Vec<ColumnOfMember>,

    /// A file with such names, one COLUMN=MEMBER on each line; lines that begin with # are comments.
    #[arg(long, value_name = "FILE")]
    pub map_file: Option<PathBuf>,

    /// Ignore columns, or members of JSON, that are no member of a user. Without it, they are rejected.
    #[arg(long)]
    pub ignore_unknown: bool,

    /// Update a user whose id is there already, with every member that the line has.
    ///
    /// An import that was interrupted can so be run again. Without it, such a line is rejected.
    #[arg(long)]
    pub upsert: bool,

    /// Check every line against the rules and the stored users, and write nothing.
    ///
    /// Each line is checked by itself: that two lines of the file want the same username is not found.
    #[arg(long)]
    pub dry_run: bool,

    /// Where rejected lines are reported, one JSON object for each fault; - is standard error [default:
    /// FILE.errors.ndjson, or standard error if FILE is -].
    ///
    /// It is replaced each time, and removed if nothing was rejected.
    #[arg(long, value_name = "FILE")]
    pub errors: Option<PathBuf>,
}

/// Flags of `users export`.
#[derive(Args, Clone)]
#[command(after_help = "\
Examples:
  users export users.ndjson
  users export active-germans.csv --filter country=DE --filter active=true
  users export people.csv --spreadsheet
  users export - | jq -r .email

Exit code: 0 the file is written; 2 it could not be; 130 stopped by Ctrl-C or SIGTERM. An incomplete file is removed.")]
pub struct ExportArgs {
    /// Which database.
    #[command(flatten)]
    pub database: DatabaseArgs,

    /// The file, which is replaced if it is there; - is standard output.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// What the file is to look like [default: by its extension .ndjson, .jsonl or .csv; ndjson for standard output].
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// Write CSV that a spreadsheet can open and save: with a byte order mark, and an apostrophe before each value that it
    /// would take for a number, a date or a formula. `users import` removes the apostrophes.
    #[arg(long)]
    pub spreadsheet: bool,

    /// Only users with exactly this value; with several filters, a user must match all of them. Members: username, email, organization,
    /// country, active.
    #[arg(long, value_name = "MEMBER=VALUE", value_parser = assignment)]
    pub filter: Vec<Assignment>,
}

/// Flags of `users user`.
#[derive(Args, Clone)]
pub struct UserArgs {
    /// What to do with a user.
    #[command(subcommand)]
    pub command: UserCommand,
}

/// What can be done with one user.
#[derive(Subcommand, Clone)]
pub enum UserCommand {
    /// Write a user to standard output as JSON, and its entity tag to standard error.
    Get(GetUserArgs),
    /// Update a user, and write it to standard output as it then is.
    Update(UpdateUserArgs),
    /// Delete a user, and write it to standard output as it was.
    Delete(DeleteUserArgs),
}

/// Flags of `users user get`.
#[derive(Args, Clone)]
#[command(
    after_help = "Example:\n  users user get ada\n\nExit code: 0; 1 there is no such user; 2 it could not be read."
)]
pub struct GetUserArgs {
    /// Which database.
    #[command(flatten)]
    pub database: DatabaseArgs,

    /// The user's id.
    pub id: String,
}

/// Flags of `users user update`.
#[derive(Args, Clone)]
#[command(override_usage = "users user update [OPTIONS] <--set <MEMBER=VALUE>|--clear <MEMBER>>... <ID>")]
#[command(after_help = "\
Examples:
  users user update ada --set bio=\"Wrote the first program.\" --set active=false --clear phone
  users user update ada --set title=Countess --if-match 00060a241825e120 --dry-run

Exit code: 0; 1 the update was rejected: a rule, the condition, a taken username or no such user; 2 it could not be tried.")]
pub struct UpdateUserArgs {
    /// Which database.
    #[command(flatten)]
    pub database: DatabaseArgs,

    /// The user's id.
    pub id: String,

    /// Give a member this value, as often as there are members. A member that is not mentioned stays as it is.
    #[arg(long, value_name = "MEMBER=VALUE", value_parser = member_assignment, required_unless_present = "clear")]
    pub set: Vec<(Member, String)>,

    /// Make a member null.
    #[arg(long, value_name = "MEMBER", value_parser = member)]
    pub clear: Vec<Member>,

    /// Update the user only if this is its entity tag, as `users user get` or the API reports it.
    #[arg(long, value_name = "ETAG")]
    pub if_match: Option<String>,

    /// Check everything, write what the user would be, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// Flags of `users user delete`.
#[derive(Args, Clone)]
#[command(after_help = "\
Example:
  users user delete ada --if-match 00060a241825e120

Exit code: 0; 1 the condition does not hold or there is no such user; 2 it could not be tried.")]
pub struct DeleteUserArgs {
    /// Which database.
    #[command(flatten)]
    pub database: DatabaseArgs,

    /// The user's id.
    pub id: String,

    /// Delete the user only if this is its entity tag.
    #[arg(long, value_name = "ETAG")]
    pub if_match: Option<String>,

    /// Check everything, write the user, and delete nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// A name and a value, as in `country=DE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// What stands before the first `=`.
    pub name: String,
    /// What stands behind it.
    pub value: String,
}

fn assignment(text: &str) -> Result<Assignment, &'static str> {
    let (name, value) = text.split_once('=').ok_or("must be a member, = and a value")?;
    Ok(Assignment { name: name.to_owned(), value: value.to_owned() })
}

fn member_assignment(text: &str) -> Result<(Member, String), String> {
    let Assignment { name, value } = assignment(text)?;
    Ok((member(&name)?, value))
}

/// Any member but the id, which never changes.
fn member(name: &str) -> Result<Member, String> {
    match Member::from_name(name) {
        Some(Member::Id) => Err("the id of a user never changes".to_owned()),
        Some(member) => Ok(member),
        None => {
            let all: Vec<_> = Member::ALL.iter().skip(1).map(|member| member.name()).collect();
            Err(format!("\"{name}\" is not one of {}", all.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use users_domain::Member;

    use super::{Assignment, assignment, member_assignment};

    #[rstest]
    #[case("country=DE", "country", "DE")]
    #[case("organization=", "organization", "")]
    #[case("organization=a=b", "organization", "a=b")]
    fn an_assignment_ends_at_its_end(#[case] text: &str, #[case] name: &str, #[case] value: &str) {
        let expected = Assignment { name: name.to_owned(), value: value.to_owned() };
        assert_eq!(assignment(text), Ok(expected));
    }

    #[test]
    fn only_members_that_change_can_be_set() {
        assert_eq!(member_assignment("first_name=Ada"), Ok((Member::FirstName, "Ada".to_owned())));
        for (text, told) in [
            ("nick=x", "\"nick\" is not one of active, avatar, "),
            ("id=x", "the id of a user never changes"),
            ("bio", "must be a member, = and a value"),
        ] {
            let error = member_assignment(text).unwrap_err();
            assert!(error.starts_with(told), "{error}");
        }
    }
}
