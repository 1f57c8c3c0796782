use std::sync::atomic::{AtomicU32, Ordering};

use users_domain::UserId;
use users_ports::IdGenerator;

use crate::user_id;

/// Ids that a test can foretell: each kind of id is counted from 1.
#[derive(Debug, Default)]
pub struct SequentialIds {
    users: AtomicU32,
    tokens: AtomicU32,
    secrets: AtomicU32,
}

/// The next number of a counter.
fn next(counter: &AtomicU32) -> u32 {
    counter.fetch_add(1, Ordering::Relaxed) + 1
}

impl IdGenerator for SequentialIds {
    /// `00000000-0000-7000-8000-000000000001` and so on, each in the form of a `UUIDv7`.
    fn user_id(&self) -> UserId {
        user_id(&format!("00000000-0000-7000-8000-{:012x}", next(&self.users)))
    }

    /// `token1`, `token2` and so on.
    fn token_id(&self) -> String {
        format!("token{}", next(&self.tokens))
    }

    /// 28 zeros and the number, big-endian.
    fn token_secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        if let Some(end) = secret.last_chunk_mut() {
            *end = next(&self.secrets).to_be_bytes();
        }
        secret
    }
}

#[cfg(test)]
mod tests {
    use users_ports::IdGenerator;

    use super::SequentialIds;

    #[test]
    fn each_kind_of_id_is_counted_from_one() {
        let ids = SequentialIds::default();
        assert_eq!(ids.user_id().as_str(), "00000000-0000-7000-8000-000000000001");
        assert_eq!(ids.user_id().as_str(), "00000000-0000-7000-8000-000000000002");
        assert_eq!(ids.token_id(), "token1");
        assert_ne!(ids.token_secret(), ids.token_secret());
    }
}
