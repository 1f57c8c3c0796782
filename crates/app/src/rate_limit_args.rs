use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use users_http::{NotARate, Rate, RateLimitSettings, RateLimits, TrustedProxies};

/// How many requests a token and a client address may make.
#[expect(clippy::doc_markdown, reason = "clap shows these texts as they are")]
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Rate limits")]
pub struct RateLimitArgs {
    /// Requests of each token: 1 to 1000000 a second (s), minute (m) or hour (h), or off [default: 2000/s; off if
    /// USERS_LISTEN is on loopback].
    ///
    /// As many may arrive at once; a colon sets another burst: 2000/s:4000. Requests beyond that get 429. Each copy of the
    /// service counts for itself.
    #[arg(long, env = "USERS_RATE_LIMIT_TOKEN", value_name = "RATE")]
    pub rate_limit_token: Option<Limit>,

    /// Requests of each client address, with any token [default: 10000/s; off if USERS_LISTEN is on loopback].
    ///
    /// IPv6 addresses count by their /64. /livez and /readyz are always answered.
    #[arg(long, env = "USERS_RATE_LIMIT_ADDRESS", value_name = "RATE")]
    pub rate_limit_address: Option<Limit>,

    /// Requests of each client address with a token that is missing, not valid, or new to this copy of the service
    /// [default: 100/s:1000; off if USERS_LISTEN is on loopback].
    ///
    /// Tokens that were accepted before go on being accepted from that address.
    #[arg(long, env = "USERS_RATE_LIMIT_FAILURES", value_name = "RATE")]
    pub rate_limit_failures: Option<Limit>,

    /// Proxies whose X-Forwarded-For or Forwarded is trusted for the client address: addresses and networks, separated by
    /// commas [default: none].
    ///
    /// The right-most address that is none of these is the client's. Name only proxies that set one of the two headers;
    /// without this, all requests that come through a proxy count as those of its own address.
    #[arg(long, env = "USERS_TRUSTED_PROXIES", value_name = "ADDRESSES")]
    pub trusted_proxies: Option<TrustedProxies>,
}

/// A limit as an operator writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// There is none.
    Off,
    /// So many requests.
    At(Rate),
}

impl FromStr for Limit {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "off" { Ok(Self::Off) } else { text.parse().map(Self::At) }
    }
}

impl RateLimitArgs {
    /// What a token, an address, and the failures of an address are limited to where nothing is set.
    const DEFAULTS: [&str; 3] = ["2000/s", "10000/s", "100/s:1000"];

    /// The limits of a service that listens on `listen`; `elapsed` tells the time since some moment, and never goes back.
    pub fn limits(
        &self,
        listen: IpAddr,
        elapsed: impl Fn() -> Duration + Send + Sync + 'static,
    ) -> RateLimits {
        RateLimits::new(self.settings(listen), elapsed)
    }

    fn settings(&self, listen: IpAddr) -> RateLimitSettings {
        let is_local = listen.to_canonical().is_loopback();
        let rate = |limit: Option<Limit>, default: &str| match limit {
            Some(Limit::At(rate)) => Some(rate),
            Some(Limit::Off) => None,
            None if is_local => None,
            None => default.parse().ok(),
        };
        let [token, address, failures] = Self::DEFAULTS;
        RateLimitSettings {
            token: rate(self.rate_limit_token, token),
            address: rate(self.rate_limit_address, address),
            failures: rate(self.rate_limit_failures, failures),
            trusted_proxies: self.trusted_proxies.clone().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};
    use rstest::rstest;

    use super::RateLimitArgs;
    use crate::cli::{Cli, Command};

    /// What is limited where the service is started with these flags: the requests of a token, of an address, and failures.
    fn limited(flags: &[&str]) -> [String; 3] {
        let line = ["users", "serve"].iter().chain(flags);
        let Command::Serve(args) = Cli::try_parse_from(line).unwrap().command else { panic!("not `serve`") };
        let settings = args.rate_limits.settings(args.http.listen.ip());
        [settings.token, settings.address, settings.failures]
            .map(|rate| rate.map_or("off".to_owned(), |rate| rate.to_string()))
    }

    #[rstest]
    #[case::loopback(&[], ["off", "off", "off"])]
    #[case::loopback_of_version_6(&["--listen", "[::1]:80"], ["off", "off", "off"])]
    #[case::mapped_loopback(&["--listen", "[::ffff:127.0.0.1]:80"], ["off", "off", "off"])]
    #[case::everywhere(&["--listen", "0.0.0.0:80"], ["2000/s", "10000/s", "100/s:1000"])]
    #[case::everywhere_of_version_6(&["--listen", "[::]:80"], ["2000/s", "10000/s", "100/s:1000"])]
    #[case::asked_for(&["--rate-limit-token", "5/m:9"], ["5/m:9", "off", "off"])]
    #[case::not_wanted(&["--listen", "192.0.2.1:80", "--rate-limit-address", "off"], ["2000/s", "off", "100/s:1000"])]
    fn limits_are_on_but_for_loopback(#[case] flags: &[&str], #[case] expected: [&str; 3]) {
        assert_eq!(limited(flags), expected);
    }

    #[test]
    fn the_help_tells_the_defaults() {
        let command = Cli::command();
        let serve = command.find_subcommand("serve").unwrap();
        let flags = ["rate_limit_token", "rate_limit_address", "rate_limit_failures"];
        for (flag, default) in flags.into_iter().zip(RateLimitArgs::DEFAULTS) {
            let argument = serve.get_arguments().find(|argument| argument.get_id() == flag).unwrap();
            assert!(
                argument.get_help().unwrap().to_string().contains(&format!("[default: {default};")),
                "{flag}"
            );
        }
    }

    #[rstest]
    #[case("--rate-limit-token", "2000", "such as 2000/s")]
    #[case("--rate-limit-address", "on", "such as 2000/s")]
    #[case("--trusted-proxies", "nginx", "such as 10.0.0.0/8")]
    fn what_cannot_be_read_is_a_usage_error(#[case] flag: &str, #[case] value: &str, #[case] accepted: &str) {
        let error = Cli::try_parse_from(["users", "serve", flag, value]).err().unwrap();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains(accepted), "{error}");
    }
}
