use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HeaderMap, HeaderValue};

use super::client_address::{address_key, client_address};
use super::elapsed::Elapsed;
use super::limiter::Limiter;
use super::standing::whole_seconds;
use super::{Admission, RATE_LIMIT_HEADERS, Rate, Standing, TrustedProxies};

/// The limits that a service has; none where nothing is set.
#[derive(Clone, Debug, Default)]
pub struct RateLimitSettings {
    /// The requests of each token.
    pub token: Option<Rate>,
    /// All requests of each client address, whoever makes them.
    pub address: Option<Rate>,
    /// What each client address may try with tokens that are missing, not valid, or not met before.
    pub failures: Option<Rate>,
    /// Who is believed where it says from which address a request comes.
    pub trusted_proxies: TrustedProxies,
}

/// The limits of a service, and what was used of them; by default there are none. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct RateLimits(Option<Arc<Limits>>);

/// The limits of a service that has any.
#[derive(Debug)]
pub struct Limits {
    token: Option<Limit>,
    address: Option<Limit>,
    failures: Option<Limit>,
    trusted_proxies: TrustedProxies,
    token_keys: RandomState,
}

/// A limit, and what answers tell of it once and for all.
#[derive(Debug)]
pub struct Limit {
    name: &'static str,
    limiter: Limiter,
    policy: HeaderValue,
    burst: HeaderValue,
}

/// How a limit was made use of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitUsage {
    /// What is limited: `token`, `address` or `failures`.
    pub limit: &'static str,
    /// How many requests were refused.
    pub refused: u64,
    /// How many tokens or addresses are told apart at present.
    pub keys: usize,
}

impl RateLimits {
    /// These limits; `elapsed` tells the time since some moment, and never goes back.
    pub fn new(settings: RateLimitSettings, elapsed: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        let RateLimitSettings { token, address, failures, trusted_proxies } = settings;
        if token.or(address).or(failures).is_none() {
            return Self::default();
        }
        let clock = Elapsed::new(elapsed);
        let limit = |name, rate: Option<Rate>| Some(Limit::new(name, rate?, clock.clone()));
        Self(Some(Arc::new(Limits {
            token: limit("token", token),
            address: limit("address", address),
            failures: limit("failures", failures),
            trusted_proxies,
            token_keys: RandomState::new(),
        })))
    }

    /// Whether there are any.
    pub const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// What decides on the request, where there are limits.
    pub fn admission(&self, request: &ServiceRequest) -> Option<Admission> {
        let limits = self.0.as_ref()?;
        let address = client_address(request.peer_addr(), request.headers(), &limits.trusted_proxies);
        Some(Admission::new(Arc::clone(limits), address_key(address)))
    }

    /// How each limit was made use of; zeros where there is none.
    pub fn usage(&self) -> [LimitUsage; 3] {
        let usage = |name, limit: fn(&Limits) -> Option<&Limit>| {
            let limiter = self.0.as_deref().and_then(limit).map(|limit| &limit.limiter);
            LimitUsage {
                limit: name,
                refused: limiter.map_or(0, Limiter::refused),
                keys: limiter.map_or(0, Limiter::keys),
            }
        };
        [
            usage("token", Limits::token),
            usage("address", Limits::address),
            usage("failures", Limits::failures),
        ]
    }
}

impl Limits {
    /// What a token is counted as: a number that its id is hashed to, with a secret of the process. Of 10,000 tokens any
    /// two share one with a probability of 1 in 10¹¹.
    pub fn token_key(&self, id: &str) -> u64 {
        self.token_keys.hash_one(id)
    }

    /// The limit of each token.
    pub const fn token(&self) -> Option<&Limit> {
        self.token.as_ref()
    }

    /// The limit of each address.
    pub const fn address(&self) -> Option<&Limit> {
        self.address.as_ref()
    }

    /// The limit of what each address tries in vain.
    pub const fn failures(&self) -> Option<&Limit> {
        self.failures.as_ref()
    }
}

impl Limit {
    fn new(name: &'static str, rate: Rate, clock: Elapsed) -> Self {
        let limiter = Limiter::new(rate, clock);
        let (burst, window) = (limiter.burst().get(), whole_seconds(limiter.window()));
        let policy = header_value(format!("\"{name}\";q={burst};w={window}"));
        Self { name, limiter, policy, burst: burst.into() }
    }

    /// Counts a request of `key`, and gives back what is left; or tells that there is nothing left.
    pub fn count(&self, key: u64) -> Result<Standing, Standing> {
        self.limiter.count(key)
    }

    /// Counts a request that was counted once as so many more, if as many may come at once.
    pub fn count_more(&self, key: u64, requests: u32) -> Option<Result<Standing, Standing>> {
        self.limiter.count_more(key, requests)
    }

    /// Adds what an answer tells of the limit, for whom this is left of it.
    pub fn write(&self, standing: Standing, headers: &mut HeaderMap) {
        let Standing { remaining, next, full } = standing;
        let now = header_value(format!("\"{}\";r={remaining};t={next}", self.name));
        let values = [now, self.policy.clone(), self.burst.clone(), remaining.into(), full.into()];
        for (name, value) in RATE_LIMIT_HEADERS.into_iter().zip(values) {
            headers.insert(name, value);
        }
    }
}

/// Letters, digits and quotation marks alone: there is nothing that a header could not hold.
fn header_value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}
