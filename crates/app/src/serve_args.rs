use clap::Args;

use crate::browser_args::BrowserArgs;
use crate::cli::switch;
use crate::config::{DatabaseArgs, HttpArgs, PoolArgs};
use crate::idempotency_args::IdempotencyArgs;
use crate::rate_limit_args::RateLimitArgs;
use crate::tls_args::TlsArgs;
use crate::traces::TraceArgs;

/// Flags of `users serve`.
#[derive(Args, Clone)]
#[command(after_help = "\
Examples:
  users serve --dev
  DATABASE_URL=postgres://users@db/users users serve --listen 0.0.0.0:8080
  DATABASE_URL=sqlite:/var/lib/users/users.db USERS_LOG=warn users serve
  users serve --listen 0.0.0.0:8443 --tls-cert fullchain.pem --tls-key privkey.pem

If the database cannot be reached, the service starts all the same: GET /readyz returns 503 and the service keeps \
trying. If the database was migrated by a later version, the service ends, unless --no-migrate is given.")]
pub struct ServeArgs {
    /// Which database.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// How many connections.
    #[command(flatten)]
    pub pool: PoolArgs,
    /// How HTTP is answered.
    #[command(flatten)]
    pub http: HttpArgs,
    /// Which pages may use the service.
    #[command(flatten)]
    pub browsers: BrowserArgs,
    /// How what is said is encrypted.
    #[command(flatten)]
    pub tls: TlsArgs,
    /// How many requests there may be.
    #[command(flatten)]
    pub rate_limits: RateLimitArgs,
    /// How much room idempotency records have.
    #[command(flatten)]
    pub idempotency: IdempotencyArgs,
    /// Where traces go.
    #[command(flatten)]
    pub traces: TraceArgs,

    /// Log the client's address of every request, and not just of those that are answered 401, 403 or 429. It is personal
    /// data. As a variable: true or false.
    #[arg(long, env = "USERS_LOG_ADDRESSES", value_parser = switch, help_heading = "Log")]
    pub log_addresses: bool,

    /// Do not migrate at startup. GET /readyz returns 503 while the schema is older; a newer schema is accepted. As a
    /// variable: true or false.
    #[arg(long, env = "USERS_NO_MIGRATE", value_parser = switch, help_heading = "Start")]
    pub no_migrate: bool,

    /// Make a token that may do everything and a sample user, and print a request to try: not for production.
    ///
    /// The token is kept in a file that only its owner can read and is the same after a restart:
    /// PATH.dev-token beside an SQLite database, users.dev-token in the current directory for PostgreSQL.
    #[arg(long, help_heading = "Start")]
    pub dev: bool,
}
