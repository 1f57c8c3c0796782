use std::collections::HashSet;
use std::ffi::{OsStr, OsString};

use clap::error::{ContextKind, ContextValue};
use clap::{Args, CommandFactory as _, Parser, Subcommand};
use users_domain::{SelfEditable, UserId};
use users_use_cases::Scopes;
use validator::Validate;

use crate::config::DatabaseArgs;
use crate::data_args::{ExportArgs, ImportArgs, UserArgs};
use crate::period::Period;
use crate::serve_args::ServeArgs;
use crate::version::long_version;

/// A service that keeps users, and whose main job is PUT /v1/users/{id}.
#[derive(Parser)]
#[command(name = "users", version, long_version = long_version(), max_term_width = 110, after_help = EXAMPLES)]
pub struct Cli {
    /// What is logged, on standard error: error, warn, info, debug or trace; also by module, such as
    /// `info,users_http=debug`.
    #[arg(
        long,
        global = true,
        env = "USERS_LOG",
        value_name = "LEVEL",
        default_value = "info,actix_server=warn"
    )]
    #[arg(help_heading = "Log")]
    pub log: String,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  users serve --dev                       try it out: SQLite in ./users.db, a token, a sample user
  DATABASE_URL=postgres://users@db/users users serve
                                          serve the users of a PostgreSQL database
  users token create --name crm --scope users:read,users:write
                                          let somebody in
  users import users.csv                  load users from a file
  users user update ada --set title=Countess --clear phone
                                          change one

Settings come from flags or from the environment; a flag wins. `users help COMMAND` lists them.";

/// What the binary can do.
#[derive(Subcommand)]
pub enum Command {
    /// Serve the API until SIGTERM or SIGINT, then finish the requests under way.
    Serve(Box<ServeArgs>),
    /// Bring the database to the schema of this version.
    Migrate(MigrateArgs),
    /// Create, list, rotate and revoke the tokens that callers authenticate with.
    Token(TokenArgs),
    /// Load the users of a file; the service may be running.
    Import(ImportArgs),
    /// Write users to a file: all of them, or those that match filters.
    Export(ExportArgs),
    /// Read, update or delete one user.
    User(UserArgs),
    /// Write the OpenAPI document of the API to standard output.
    #[command(after_help = "Example:\n  users openapi > openapi.json")]
    Openapi,
}

/// Flags of `users migrate`.
#[derive(Args, Clone)]
#[command(after_help = "\
Examples:
  users migrate --status
  DATABASE_URL=postgres://users@db/users users migrate

`users serve` does the same when it starts, unless --no-migrate is given.

Exit code: 0; 1 it could not be done. With --status: 0 the schema is that of this version; 3 it is behind; 4 it is ahead.")]
pub struct MigrateArgs {
    /// Which database.
    #[command(flatten)]
    pub database: DatabaseArgs,

    /// Only list the migrations, and tell which the database has.
    #[arg(long)]
    pub status: bool,
}

/// Flags of `users token`.
#[derive(Args, Clone)]
pub struct TokenArgs {
    /// What to do with tokens.
    #[command(subcommand)]
    pub command: TokenCommand,
}

/// What can be done with tokens.
#[derive(Subcommand, Clone)]
pub enum TokenCommand {
    /// Create a token and write it to standard output, the only time that it can be seen.
    Create(CreateTokenArgs),
    /// List all tokens, without their secrets.
    List(ListTokensArgs),
    /// Replace a token with a new one of the same scopes; the old one keeps working for a while.
    Rotate(RotateTokenArgs),
    /// Revoke a token; the service rejects it within 2 seconds.
    Revoke(RevokeTokenArgs),
    /// Remove the tokens that were revoked or expired a while ago.
    Prune(PruneTokensArgs),
}

/// Flags of `users token create`.
#[derive(Args, Clone, Validate)]
#[command(override_usage = "users token create [OPTIONS] --name <NAME> --scope <SCOPES>
       users token create [OPTIONS] --name <NAME> --user <ID> [--may-set <MEMBERS>]")]
#[command(after_help = "\
Examples:
  users token create --name crm --scope users:read,users:write
  users token create --name import-2026 --scope users:write --expires 7d > token.txt
  users token create --name ada-phone --user ada --may-set avatar,bio --expires 90d

Scopes: users:read (GET, HEAD), users:write (PUT, PATCH, POST), users:delete (DELETE).")]
pub struct CreateTokenArgs {
    /// Which database.
    #[command(flatten)]
    pub database: DatabaseArgs,

    /// What the token is for, in 1 to 100 characters.
    #[arg(long, value_parser = token_name)]
    pub name: String,

    /// What the token allows to every user: users:read, users:write, users:delete, with commas between.
    #[arg(long, value_name = "SCOPES", required_unless_present = "user", conflicts_with = "user")]
    pub scope: Option<Scopes>,

    /// Make a self-service token instead: one to read and to update the user with this id, and nobody else.
    #[arg(long, value_name = "ID")]
    pub user: Option<UserId>,

    /// Which members a self-service token may set, with commas between [default: avatar, bio, birthday, country, firstName,
    /// lastName, location, phone, title, twitter].
    #[arg(long, value_name = "MEMBERS", requires = "user", conflicts_with = "scope")]
    pub may_set: Option<SelfEditable>,

    /// How long the token is accepted: 1m to 3650d [default: until it is revoked].
    #[arg(long, value_name = "PERIOD")]
    #[validate(range(min = Period::from_secs(60), max = Period::from_secs(3650 * 86_400)))]
    pub expires: Option<Period>,
}

/// Flags of `users token list`.
#[derive(Args, Clone)]
pub struct ListTokensArgs {
    /// Which database.
    #[command(flatten)]
    pub database: DatabaseArgs,

    /// Write a JSON object for each token, on a line of its own, instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// Flags of `users token rotate`.
#[derive(Args, Clone, Validate)]
#[command(after_help = "\
Examples:
  users token rotate k3v9x0q2m7c1d8za > token.txt
  users token rotate k3v9x0q2m7c1d8za --overlap 0s --expires 90d

The new token is written to standard output, the only time that it can be seen. A token that leaked is one for \
`users token revoke`.")]
pub struct RotateTokenArgs {
    /// Which database.
    #[command(flatten)]
    pub database: DatabaseArgs,

    /// The token's id, as `users token list` shows it: the part between usr_ and the next _. Or its name, if no other valid
    /// token has it.
    pub id: String,

    /// How long the old token is still accepted, if it does not expire earlier: 0s to 365d.
    #[arg(long, value_name = "PERIOD", default_value = "24h")]
    #[validate(range(min = Period::from_secs(0), max = Period::from_secs(365 * 86_400)))]
    pub overlap: Period,

    /// How long the new token is accepted: 1m to 3650d [default: as long as the old one was made for].
    #[arg(long, value_name = "PERIOD")]
    #[validate(range(min = Period::from_secs(60), max = Period::from_secs(3650 * 86_400)))]
    pub expires: Option<Period>,
}

/// Flags of `users token revoke`.
#[derive(Args, Clone)]
#[command(after_help = "Example:\n  users token revoke k3v9x0q2m7c1d8za")]
pub struct RevokeTokenArgs {
    /// Which database.
    #[command(flatten)]
    pub database: DatabaseArgs,

    /// The token's id, as `users token list` shows it: the part between usr_ and the next _. Or its name, if no other valid
    /// token has it.
    pub id: String,
}

/// Flags of `users token prune`.
#[derive(Args, Clone, Validate)]
#[command(after_help = "Example:\n  users token prune --older-than 90d")]
pub struct PruneTokensArgs {
    /// Which database.
    #[command(flatten)]
    pub database: DatabaseArgs,

    /// How long ago they were revoked or expired, at least: 0s to 3650d.
    #[arg(long, value_name = "PERIOD", default_value = "30d")]
    #[validate(range(max = Period::from_secs(3650 * 86_400)))]
    pub older_than: Period,
}

/// What a variable says of a flag that has no value; an empty one is as if it were not there.
pub fn switch(text: &str) -> Result<bool, &'static str> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" | "" => Ok(false),
        _ => Err("must be true or false"),
    }
}

fn token_name(text: &str) -> Result<String, &'static str> {
    let fits = (1..=100).contains(&text.chars().count());
    if fits && !text.trim().is_empty() && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err("must be 1 to 100 characters, not blank, without control characters")
    }
}

/// Reads the command line and the environment; ends the process with 2 where they cannot be read.
pub fn read() -> Cli {
    Cli::try_parse().unwrap_or_else(|error| name_variable(error).exit())
}

/// Adds the variable of the setting to an error that names the flag alone: who reads it may never have typed the flag.
fn name_variable(mut error: clap::Error) -> clap::Error {
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else { return error };
    let mut command = Cli::command();
    command.build();
    let Some(variable) = variable_of(&command, flag) else { return error };
    let tip = format!("the setting may also come from the environment variable {variable}");
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    error
}

/// Those of the variables that are named as the settings of the service are, and are none: a slip of the pen, most likely.
pub fn misspelt(variables: impl Iterator<Item = OsString>) -> Vec<String> {
    let mut command = Cli::command();
    command.build();
    let mut settings = HashSet::new();
    collect_variables(&command, &mut settings);
    // Kubernetes sets the first two for every container beside a service that is called users, cargo the third when it runs
    // the binary itself.
    let is_ours = |name: &String| {
        name.starts_with("USERS_")
            && !["USERS_SERVICE_", "USERS_PORT", "USERS_RUSTC_VERSION"]
                .iter()
                .any(|other| name.starts_with(other))
    };
    let ours = variables.filter_map(|name| name.into_string().ok()).filter(is_ours);
    let mut misspelt: Vec<_> = ours.filter(|name| !settings.contains(OsStr::new(name))).collect();
    misspelt.sort();
    misspelt
}

fn collect_variables(command: &clap::Command, variables: &mut HashSet<OsString>) {
    variables.extend(command.get_arguments().filter_map(clap::Arg::get_env).map(OsStr::to_owned));
    command.get_subcommands().for_each(|subcommand| collect_variables(subcommand, variables));
}

fn variable_of(command: &clap::Command, flag: &str) -> Option<String> {
    let own = command.get_arguments().find(|argument| argument.to_string() == flag);
    match own {
        Some(argument) => argument.get_env().map(|variable| variable.display().to_string()),
        None => command.get_subcommands().find_map(|subcommand| variable_of(subcommand, flag)),
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};
    use rstest::rstest;
    use users_domain::SelfEditable;

    use super::{Cli, Command, TokenCommand, misspelt, name_variable, switch};

    fn help(line: &[&str]) -> String {
        Cli::try_parse_from(line).err().unwrap().to_string()
    }

    #[test]
    fn the_definitions_are_sound() {
        Cli::command().debug_assert();
    }

    #[rstest]
    #[case(&["users", "--help"], &["serve", "migrate", "token", "import", "export", "user", "openapi", "Examples:", "users serve --dev"])]
    #[case(&["users", "serve", "--help"], &["DATABASE_URL", "USERS_LISTEN", "--dev", "--no-migrate", "Examples:"])]
    #[case(&["users", "migrate", "--help"], &["--status", "Examples:"])]
    #[case(&["users", "token", "--help"], &["create", "list", "rotate", "revoke", "prune"])]
    #[case(&["users", "token", "create", "--help"], &["--name", "--scope", "--user", "--may-set", "--expires", "3650d", "Examples:"])]
    #[case(&["users", "token", "rotate", "--help"], &["--overlap", "24h", "--expires", "Examples:"])]
    #[case(&["users", "token", "revoke", "--help"], &["users token list", "Example:"])]
    #[case(&["users", "import", "--help"], &["--upsert", "--errors", "Exit code: 0", "Examples:"])]
    #[case(&["users", "export", "--help"], &["--filter", "country=DE", "Exit code: 0", "Examples:"])]
    #[case(&["users", "user", "--help"], &["get", "update", "delete"])]
    #[case(&["users", "user", "get", "--help"], &["Exit code: 0", "Example:"])]
    #[case(&["users", "user", "update", "--help"], &["--set", "--clear", "--if-match", "--dry-run", "Examples:"])]
    #[case(&["users", "user", "delete", "--help"], &["--if-match", "--dry-run", "Example:"])]
    #[case(&["users", "openapi", "--help"], &["Example:"])]
    fn the_help_teaches(#[case] line: &[&str], #[case] mentions: &[&str]) {
        let help = help(line);
        for mention in mentions {
            assert!(help.contains(mention), "{line:?} does not mention {mention:?}:\n{help}");
        }
    }

    #[test]
    fn the_usage_shows_every_way() {
        let usage = help(&["users", "token", "create", "--name", "x"]);
        assert!(usage.contains("--name <NAME> --user <ID>") && !usage.contains("--database-url"), "{usage}");
        let usage = help(&["users", "user", "update", "ada"]);
        assert!(usage.contains("<--set <MEMBER=VALUE>|--clear <MEMBER>>"), "{usage}");
    }

    #[test]
    fn a_variable_can_switch_a_flag() {
        for (text, on) in
            [("true", true), ("YES", true), ("1", true), ("false", false), ("0", false), ("", false)]
        {
            assert_eq!(switch(text), Ok(on), "{text}");
        }
        assert_eq!(switch("perhaps"), Err("must be true or false"));
    }

    #[test]
    fn a_usage_error_names_the_variable_too() {
        let error = Cli::try_parse_from(["users", "serve", "--request-timeout", "soon"]).err().unwrap();
        let text = name_variable(error).to_string();
        assert!(text.contains("'soon' for '--request-timeout <PERIOD>'"), "{text}");
        assert!(text.contains("environment variable USERS_REQUEST_TIMEOUT"), "{text}");
    }

    #[test]
    fn a_variable_that_is_no_setting_is_found() {
        let names = [
            "USERS_LOG",
            "USERS_STATMENT_TIMEOUT",
            "USERS_PORT_8080_TCP",
            "USERS_SERVICE_HOST",
            "USERS_LISTEN",
            "USER",
            "USERS_NO_MIGRATE",
        ];
        assert_eq!(misspelt(names.into_iter().map(Into::into)), ["USERS_STATMENT_TIMEOUT"]);
    }

    #[rstest]
    #[case::none("")]
    #[case::blank("  ")]
    #[case::control("a\nb")]
    #[case::long(&"x".repeat(101))]
    fn a_token_must_have_a_readable_name(#[case] name: &str) {
        let line = ["users", "token", "create", "--scope", "users:read", "--name", name];
        assert!(help(&line).contains("1 to 100 characters"));
    }

    #[rstest]
    #[case::neither(&[], "--scope")]
    #[case::both(&["--scope", "users:read", "--user", "ada"], "cannot be used with")]
    #[case::members_of_nobody(&["--scope", "users:read", "--may-set", "bio"], "cannot be used with")]
    #[case::no_id(&["--user", "a b"], "must be 1 to 128")]
    #[case::reserved(&["--user", "bulk"], "must not be a reserved word")]
    #[case::never(&["--user", "ada", "--may-set", "bio,active"], "\"active\" is not a member that a person may set")]
    fn a_token_has_scopes_or_a_user(#[case] flags: &[&str], #[case] mentions: &str) {
        let help = help(&[&["users", "token", "create", "--name", "x"], flags].concat());
        assert!(help.contains(mentions), "{help}");
    }

    #[test]
    fn the_help_names_the_usual_members() {
        let help = help(&["users", "token", "create", "--help"]);
        let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
        let usual = SelfEditable::default().to_string().replace(',', ", ");
        assert!(words.contains(&format!("[default: {usual}]")), "{words}");
    }

    #[test]
    fn scopes_are_read() {
        let line = ["users", "token", "create", "--name", "crm", "--scope", "users:write,users:read"];
        let Command::Token(token) = Cli::try_parse_from(line).unwrap().command else { panic!("not `token`") };
        let TokenCommand::Create(create) = token.command else { panic!("not `create`") };
        assert_eq!(create.scope.map(|scopes| scopes.to_string()).as_deref(), Some("users:read,users:write"));
        assert!(
            help(&["users", "token", "create", "--name", "x", "--scope", "users:fly"])
                .contains("\"users:fly\"")
        );
    }
}
