use std::cell::Cell;
use std::sync::Arc;

use actix_web::http::header::HeaderMap;

use super::Standing;
use super::limits::{Limit, Limits};
use crate::problem::Problem;

/// Asks the limits on behalf of one request, and keeps what its answer is to tell of them.
#[derive(Debug)]
pub struct Admission {
    limits: Arc<Limits>,
    address: u64,
    told: Cell<Option<(Which, Standing)>>,
}

const TOO_MANY_OF_TOKEN: &str =
    "There were too many requests with this token. Try again after the time in Retry-After.";

/// How many other requests a read counts for that visits very many users: a count, a total, a large offset.
const VISITS_COUNT_AS: u32 = 19;

/// Which limit an answer tells of.
#[derive(Clone, Copy, Debug)]
enum Which {
    Token,
    Address,
    Failures,
}

impl Admission {
    /// For a request that comes from `address`.
    pub const fn new(limits: Arc<Limits>, address: u64) -> Self {
        Self { limits, address, told: Cell::new(None) }
    }

    /// Counts the request for its address.
    pub fn count_request(&self) -> Result<(), Problem> {
        let detail =
            "There were too many requests from this address. Try again after the time in Retry-After.";
        self.count(Which::Address, self.address, detail).map(drop)
    }

    /// Counts a token that is missing, not valid, or not met before, for the address.
    pub fn count_failure(&self) -> Result<(), Problem> {
        let detail = "Too many requests from this address with a missing, invalid or unrecognised token. Try again after the \
                      time in Retry-After.";
        self.count(Which::Failures, self.address, detail).map(drop)
    }

    /// Counts the request for the token with this id. The answer tells what is left.
    pub fn count_token(&self, id: &str) -> Result<(), Problem> {
        if let Some(left) = self.count(Which::Token, self.limits.token_key(id), TOO_MANY_OF_TOKEN)? {
            self.told.set(Some((Which::Token, left)));
        }
        Ok(())
    }

    /// Counts a request that costs the store much for as many others, besides the one for which it was counted already.
    pub fn count_visits(&self, id: &str) -> Result<(), Problem> {
        let Some(limit) = self.limit(Which::Token) else { return Ok(()) };
        let Some(counted) = limit.count_more(self.limits.token_key(id), VISITS_COUNT_AS) else {
            return Ok(());
        };
        let (Ok(standing) | Err(standing)) = counted;
        self.told.set(Some((Which::Token, standing)));
        counted.map(drop).map_err(|standing| Problem::rate_limited(TOO_MANY_OF_TOKEN, standing.next))
    }

    /// Adds what there is to tell to an answer.
    pub fn write(&self, headers: &mut HeaderMap) {
        let Some((which, standing)) = self.told.get() else { return };
        if let Some(limit) = self.limit(which) {
            limit.write(standing, headers);
        }
    }

    fn count(&self, which: Which, key: u64, detail: &'static str) -> Result<Option<Standing>, Problem> {
        let Some(limit) = self.limit(which) else { return Ok(None) };
        limit.count(key).map(Some).map_err(|standing| {
            self.told.set(Some((which, standing)));
            Problem::rate_limited(detail, standing.next)
        })
    }

    fn limit(&self, which: Which) -> Option<&Limit> {
        match which {
            Which::Token => self.limits.token(),
            Which::Address => self.limits.address(),
            Which::Failures => self.limits.failures(),
        }
    }
}
