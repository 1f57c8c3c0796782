use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use clap::{Arg, Args, Command, ValueEnum};
use users_http::PublicUrl;
use validator::{Validate, ValidationError};

use crate::database_url::DatabaseUrl;
use crate::failure::Failure;
use crate::period::Period;

/// Which database, and how long it may take: what every command that uses one needs to know.
///
/// `Debug` is left out on purpose: the URL may hold a password.
#[derive(Args, Clone, Validate)]
#[command(next_help_heading = "Database")]
pub struct DatabaseArgs {
    /// The database: postgres://USER:PASSWORD@HOST:PORT/DATABASE (or postgresql://…), or sqlite:PATH.
    ///
    /// Prefer the environment to the flag if the URL has a password: every user of the machine can read the
    /// flags of a process. PostgreSQL may also take the password from PGPASSWORD or a password file, as libpq does.
    #[arg(
        long,
        env = "DATABASE_URL",
        hide_env_values = true,
        value_name = "URL",
        default_value = "sqlite:users.db"
    )]
    pub database_url: String,

    /// The longest that a connection to PostgreSQL may take to come up: 1s to 5m.
    ///
    /// Keep it below the time limit of a request, so that a client learns that the database is unreachable.
    #[arg(long, env = "USERS_CONNECT_TIMEOUT", value_name = "PERIOD", default_value = "2s")]
    #[validate(range(min = Period::from_secs(1), max = Period::from_secs(300)))]
    pub connect_timeout: Period,

    /// The longest that a statement may take in PostgreSQL, or wait for another process that writes in SQLite:
    /// 10ms to 1h.
    ///
    /// Keep it below the time limit of a request, so that the database has given up before the client is told so.
    #[arg(long, env = "USERS_STATEMENT_TIMEOUT", value_name = "PERIOD", default_value = "4s")]
    #[validate(range(min = Period::from_millis(10), max = Period::from_secs(3600)))]
    pub statement_timeout: Period,

    /// What stands between the service and PostgreSQL.
    ///
    /// `session`: nothing, or a pooler that keeps a session for each connection; this is checked on every connection, and a
    /// pooler in transaction mode is not used. `transaction`: a pooler that gives each transaction another session, such as
    /// PgBouncer with `pool_mode = transaction`. Statements are then not kept prepared, and the role must be set up for it.
    #[arg(long, env = "USERS_DB_POOLER", value_name = "MODE", default_value = "session")]
    pub db_pooler: PoolerMode,
}

/// What a pooler in front of PostgreSQL gives to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PoolerMode {
    /// A session of its own.
    Session,
    /// A session for each transaction.
    Transaction,
}

impl DatabaseArgs {
    /// Reads the URL; a failure names the setting and does not repeat the URL.
    pub fn url(&self) -> Result<DatabaseUrl, Failure> {
        self.database_url
            .parse()
            .map_err(|error| Failure::Settings(format!("DATABASE_URL (--database-url) {error}")))
    }
}

/// How many connections the service keeps to its database.
#[derive(Args, Clone, Copy, Debug, Validate)]
#[command(next_help_heading = "Database")]
pub struct PoolArgs {
    /// Connections to PostgreSQL that write, each with a thread of its own: 1 to 256. SQLite has one.
    #[arg(long, env = "USERS_DB_WRITERS", value_name = "N", default_value = "8", value_parser = count)]
    #[validate(range(min = 1, max = 256))]
    pub db_writers: usize,

    /// Connections that read, each with a thread of its own: 1 to 256.
    #[arg(long, env = "USERS_DB_READERS", value_name = "N", default_value = "4", value_parser = count)]
    #[validate(range(min = 1, max = 256))]
    pub db_readers: usize,

    /// Requests that may wait in each of four queues (writes; reads; pages; counts and large offsets): 1 to 1000000. Those beyond are answered 503 at once.
    #[arg(long, env = "USERS_QUEUE_CAPACITY", value_name = "N", default_value = "1024", value_parser = count)]
    #[validate(range(min = 1, max = 1_000_000))]
    pub queue_capacity: usize,
}

impl PoolArgs {
    /// What a command needs that asks the database one thing after the other.
    pub const ONE_AT_A_TIME: Self = Self { db_writers: 1, db_readers: 1, queue_capacity: 1 };
}

/// How the service answers HTTP.
#[derive(Args, Clone, Debug, Validate)]
#[command(next_help_heading = "HTTP")]
pub struct HttpArgs {
    /// The IP address and port to serve on; port 0 takes a free one and logs it.
    #[arg(long, env = "USERS_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8080", value_parser = address)]
    pub listen: SocketAddr,

    /// The IP address and port to serve GET /metrics on, for Prometheus and without a token [default: not served].
    ///
    /// Keep it on a network that only the monitoring can reach.
    #[arg(long, env = "USERS_METRICS_LISTEN", value_name = "ADDRESS", value_parser = address)]
    pub metrics_listen: Option<SocketAddr>,

    /// The URL below which clients reach the service, for a service behind a proxy that puts it below a path, such as
    /// `https://api.example.org/users-api` [default: the root of wherever a request was sent].
    ///
    /// `Location`, `Link`, the `type` of problems and the OpenAPI document follow it; the proxy takes the path off.
    #[arg(long, env = "USERS_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<PublicUrl>,

    /// Threads that serve requests: 1 to 512 [default: one per CPU, at most 512].
    #[arg(long, env = "USERS_WORKERS", value_name = "N", value_parser = count)]
    #[validate(range(min = 1, max = MOST_WORKERS))]
    pub workers: Option<usize>,

    /// The longest that a request may take before it is answered 503, or 408 where its body has not arrived yet: 10ms to 10m.
    #[arg(long, env = "USERS_REQUEST_TIMEOUT", value_name = "PERIOD", default_value = "5s")]
    #[validate(range(min = Period::from_millis(10), max = Period::from_secs(600)))]
    pub request_timeout: Period,

    /// The longest that requests under way may take to finish after SIGTERM or SIGINT: 1s to 10m.
    #[arg(long, env = "USERS_SHUTDOWN_TIMEOUT", value_name = "PERIOD", default_value = "30s")]
    #[validate(range(min = Period::from_secs(1), max = Period::from_secs(600)))]
    pub shutdown_timeout: Period,
}

/// What actix-web can have at most.
const MOST_WORKERS: usize = 512;

impl HttpArgs {
    /// How many threads serve requests.
    pub fn worker_count(&self) -> usize {
        self.workers.unwrap_or_else(|| available_parallelism().map_or(1, NonZeroUsize::get)).min(MOST_WORKERS)
    }
}

fn count(text: &str) -> Result<usize, &'static str> {
    text.parse().map_err(|_| "must be a whole number")
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_| "must be an IP address and a port, such as 127.0.0.1:8080, 0.0.0.0:80 or [::]:8080")
}

/// Checks the settings, and names all that are out of their ranges, with the ranges, as they stand in `command`.
pub fn check(settings: &[&dyn Validate], command: &Command) -> Result<(), Failure> {
    let mut sentences = Vec::new();
    for errors in settings.iter().filter_map(|group| group.validate().err()) {
        for (field, errors) in errors.field_errors() {
            let name = find_argument(command, &field).map_or_else(|| field.to_string(), setting_name);
            sentences.extend(errors.iter().map(|error| format!("{name} must be {}", accepted(error))));
        }
    }
    // The errors come in no order.
    sentences.sort();
    if sentences.is_empty() { Ok(()) } else { Err(Failure::Settings(sentences.join("; "))) }
}

/// What an operator calls the setting: its variable and its flag.
pub fn setting_name(argument: &Arg) -> String {
    let flag = format!("--{}", argument.get_long().unwrap_or_else(|| argument.get_id().as_str()));
    match argument.get_env() {
        Some(variable) => format!("{} ({flag})", variable.display()),
        None => flag,
    }
}

fn find_argument<'a>(command: &'a Command, id: &str) -> Option<&'a Arg> {
    let own = command.get_arguments().find(|argument| argument.get_id() == id);
    own.or_else(|| command.get_subcommands().find_map(|subcommand| find_argument(subcommand, id)))
}

/// The range that a value is not in, with the value.
fn accepted(error: &ValidationError) -> String {
    let parameter = |name| match error.params.get(name) {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    match &error.message {
        Some(message) => message.to_string(),
        None => format!("{} to {}, not {}", parameter("min"), parameter("max"), parameter("value")),
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};
    use rstest::rstest;

    use super::check;
    use crate::cli::{Cli, Command};
    use crate::serve_args::ServeArgs;

    fn serve(flags: &[&str]) -> ServeArgs {
        let line = ["users", "serve"].iter().chain(flags);
        match Cli::try_parse_from(line).unwrap().command {
            Command::Serve(args) => *args,
            _ => unreachable!("`serve` was asked for"),
        }
    }

    fn failure(flags: &[&str]) -> String {
        let args = serve(flags);
        let checked = check(&[&args.database, &args.pool, &args.http], &Cli::command())
            .and_then(|()| args.database.url().map(|_| ()));
        checked.unwrap_err().to_string()
    }

    #[rstest]
    #[case("connect-timeout", "0s", "USERS_CONNECT_TIMEOUT (--connect-timeout) must be 1s to 5m, not 0ms")]
    #[case(
        "statement-timeout",
        "2h",
        "USERS_STATEMENT_TIMEOUT (--statement-timeout) must be 10ms to 1h, not 2h"
    )]
    #[case("db-writers", "0", "USERS_DB_WRITERS (--db-writers) must be 1 to 256, not 0")]
    #[case("db-readers", "257", "USERS_DB_READERS (--db-readers) must be 1 to 256, not 257")]
    #[case("queue-capacity", "0", "USERS_QUEUE_CAPACITY (--queue-capacity) must be 1 to 1000000, not 0")]
    #[case("workers", "513", "USERS_WORKERS (--workers) must be 1 to 512, not 513")]
    #[case(
        "request-timeout",
        "1ms",
        "USERS_REQUEST_TIMEOUT (--request-timeout) must be 10ms to 10m, not 1ms"
    )]
    #[case("shutdown-timeout", "1d", "USERS_SHUTDOWN_TIMEOUT (--shutdown-timeout) must be 1s to 10m, not 1d")]
    fn a_setting_out_of_range_is_named_and_its_help_has_the_range(
        #[case] flag: &str,
        #[case] value: &str,
        #[case] sentence: &str,
    ) {
        assert_eq!(failure(&[&format!("--{flag}"), value]), sentence);
        let (_, range) = sentence.split_once(" must be ").unwrap();
        let (range, _) = range.split_once(", not").unwrap();
        let command = Cli::command();
        let help =
            super::find_argument(&command, &flag.replace('-', "_")).unwrap().get_help().unwrap().to_string();
        assert!(help.contains(range), "the help of --{flag} does not tell \"{range}\": {help}");
    }

    #[test]
    fn all_settings_out_of_range_are_told_at_once() {
        assert_eq!(
            failure(&["--workers", "0", "--db-readers", "0"]),
            "USERS_DB_READERS (--db-readers) must be 1 to 256, not 0; \
             USERS_WORKERS (--workers) must be 1 to 512, not 0"
        );
    }

    #[test]
    fn a_bad_database_url_is_not_repeated() {
        let sentence = failure(&["--database-url", "mysql://root:hunter2@db/users"]);
        assert!(sentence.starts_with("DATABASE_URL (--database-url) must be postgres://"), "{sentence}");
        assert!(!sentence.contains("hunter2"), "{sentence}");
    }

    #[test]
    fn the_defaults_are_in_range() {
        let args = serve(&[]);
        assert!(check(&[&args.database, &args.pool, &args.http], &Cli::command()).is_ok());
        assert!(args.http.worker_count() >= 1);
        assert_eq!(args.http.metrics_listen, None);
    }

    #[rstest]
    #[case("--listen", "localhost", "must be an IP address and a port")]
    #[case("--metrics-listen", "9090", "must be an IP address and a port")]
    #[case("--workers", "many", "must be a whole number")]
    #[case("--request-timeout", "5", "must be a whole number and a unit")]
    fn what_cannot_be_read_is_a_usage_error(#[case] flag: &str, #[case] value: &str, #[case] accepted: &str) {
        let error = Cli::try_parse_from(["users", "serve", flag, value]).err().unwrap();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains(accepted), "{error}");
    }
}
