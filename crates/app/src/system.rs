use chrono::{DateTime, Utc};
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;
use rand::{Rng as _, RngExt as _};
use users_domain::UserId;
use users_ports::{Clock, IdGenerator};
use uuid::Uuid;

use crate::failure::Failure;

/// The clock of the operating system.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else is given")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// Checks that the clock shows a time that ids can be made of and that every database can keep.
pub fn check_clock(now: DateTime<Utc>) -> Result<(), Failure> {
    if now < DateTime::UNIX_EPOCH {
        return Err(Failure::Settings(format!(
            "the clock of this machine shows {}, a time before 1970: set it first",
            now.format("%F %T")
        )));
    }
    Ok(())
}

/// Ids and secrets from the operating system's source of randomness.
#[derive(Clone, Copy, Debug)]
pub struct SystemIds;

impl SystemIds {
    /// Characters of a token's id: 36¹⁶ ids, more than 80 bits.
    const TOKEN_ID_LENGTH: usize = 16;

    /// The operating system's generator. It panics where that fails, which a running Linux rules out
    /// (`getrandom(2)`), and without randomness nothing may go on anyway.
    const fn rng() -> UnwrapErr<SysRng> {
        UnwrapErr(SysRng)
    }
}

impl IdGenerator for SystemIds {
    #[expect(clippy::disallowed_methods, reason = "this is the generator that everything else is given")]
    fn user_id(&self) -> UserId {
        UserId::from_stored(Uuid::now_v7().to_string())
    }

    fn token_id(&self) -> String {
        let character = || match Self::rng().random_range(0..36_u8) {
            digit @ 0..10 => char::from(b'0' + digit),
            letter => char::from(b'a' + (letter - 10)),
        };
        std::iter::repeat_with(character).take(Self::TOKEN_ID_LENGTH).collect()
    }

    fn token_secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        Self::rng().fill_bytes(&mut secret);
        secret
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use chrono::DateTime;
    use users_domain::UserId;
    use users_ports::IdGenerator as _;
    use users_use_cases::Token;

    use super::{SystemIds, check_clock};

    #[test]
    fn a_clock_that_was_never_set_is_told() {
        assert!(check_clock(DateTime::UNIX_EPOCH).is_ok());
        let sentence = check_clock("1969-12-31T23:59:59Z".parse().unwrap()).unwrap_err().to_string();
        assert!(sentence.contains("1969-12-31 23:59:59, a time before 1970"), "{sentence}");
    }

    #[test]
    fn user_ids_are_valid_differ_and_come_in_order() {
        let ids: Vec<_> = (0..1000).map(|_| SystemIds.user_id()).collect();
        assert!(ids.iter().all(|id| UserId::parse(id.as_str()).is_ok()));
        assert!(ids.iter().all(|id| id.as_str().as_bytes()[14] == b'7'), "version 7: {:?}", ids[0]);
        assert!(ids.is_sorted_by(|a, b| a.as_str() < b.as_str()));
    }

    #[test]
    fn tokens_are_readable_and_differ() {
        let tokens: Vec<_> =
            (0..100).map(|_| Token::new(SystemIds.token_id(), SystemIds.token_secret()).reveal()).collect();
        assert!(tokens.iter().all(|token| token.parse::<Token>().is_ok_and(|token| token.id().len() == 16)));
        assert_eq!(tokens.iter().collect::<HashSet<_>>().len(), tokens.len());
    }

    #[test]
    fn a_token_id_uses_the_whole_alphabet() {
        let used: HashSet<_> =
            (0..200).flat_map(|_| SystemIds.token_id().chars().collect::<Vec<_>>()).collect();
        assert_eq!(used.len(), 36);
    }
}
