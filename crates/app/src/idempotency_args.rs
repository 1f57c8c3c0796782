use clap::Args;
use users_use_cases::IdempotencyLimits;
use validator::Validate;

/// How much room the records of idempotency keys have.
#[derive(Args, Clone, Copy, Debug, Validate)]
#[command(next_help_heading = "Idempotency keys")]
pub struct IdempotencyArgs {
    /// Idempotency records that may be stored, of all tokens together: 400 to 1000000000.
    ///
    /// A token has room for a quarter of them, a self-service token for a four hundredth. Beyond, requests with a new
    /// Idempotency-Key are answered 429 until a record is 24 hours old.
    #[arg(long, env = "USERS_IDEMPOTENCY_RECORDS", value_name = "N", default_value = "4000000")]
    #[validate(range(min = 400, max = 1_000_000_000))]
    pub idempotency_records: u64,

    /// Their size in MiB, shared in the same way: 1 to 1000000.
    #[arg(long, env = "USERS_IDEMPOTENCY_SIZE", value_name = "MIB", default_value = "4096")]
    #[validate(range(min = 1, max = 1_000_000))]
    pub idempotency_size: u64,
}

impl IdempotencyArgs {
    /// The limits that the settings ask for.
    pub const fn limits(self) -> IdempotencyLimits {
        IdempotencyLimits { records: self.idempotency_records, bytes: self.idempotency_size << 20 }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use users_use_cases::IdempotencyLimits;

    use crate::cli::{Cli, Command};

    #[test]
    fn the_defaults_are_those_of_the_use_case() {
        let Command::Serve(args) = Cli::try_parse_from(["users", "serve"]).unwrap().command else {
            panic!("not `serve`")
        };
        assert_eq!(args.idempotency.limits(), IdempotencyLimits::default());
    }
}
