//! Contracts of [`Users`](users_ports::Users) and [`TokenRepository`](users_ports::TokenRepository) together:
//! the end of a user is the end of its self-service tokens.

use chrono::TimeDelta;
use users_domain::Precondition;
use users_ports::{Ending, Grant, TokenRecord};

use super::commands::{delete, request};
use super::{Tokens, Users};
use crate::{full_user, minimal_user, noon, token_record, user_id};

/// Two ports of one store.
pub struct UsersAndTokens {
    /// Its users.
    pub users: Users,
    /// Its tokens.
    pub tokens: Tokens,
}

fn own_token(id: &str, user: &str) -> TokenRecord {
    let grant = Grant::SelfService { user: user_id(user), may_set: "bio".parse().unwrap() };
    TokenRecord { grant, ..token_record(id) }
}

/// Makes two users, two tokens of the first, one of the second, and one that is nobody's.
async fn prepare(store: &UsersAndTokens) {
    for user in [full_user("ada"), minimal_user("Ada")] {
        store.users.create(user).await.unwrap();
    }
    let earlier = Some(noon() - TimeDelta::hours(1));
    let revoked = TokenRecord { revoked_at: earlier, ..own_token("a2", "ada") };
    for token in [own_token("a1", "ada"), revoked, own_token("b", "Ada"), token_record("c")] {
        store.tokens.create(token).await.unwrap();
    }
}

/// When each token was revoked, in hours after noon.
async fn revoked(store: &UsersAndTokens) -> Vec<Option<i64>> {
    let mut times = Vec::new();
    for id in ["a1", "a2", "b", "c"] {
        let token = store.tokens.find(id).await.unwrap().unwrap();
        times.push(token.revoked_at.map(|at| (at - noon()).num_hours()));
    }
    times
}

/// A deletion revokes the user's own tokens, and no others; what is revoked already keeps its time.
pub async fn a_deletion_revokes_the_users_tokens(store: UsersAndTokens) {
    prepare(&store).await;
    let later = noon() + TimeDelta::hours(2);
    store.users.delete(&user_id("ada"), Precondition::Exists, later).await.unwrap();
    assert_eq!(revoked(&store).await, [Some(2), Some(-1), None, None]);
    // The id belongs to somebody else now, for whom the tokens are not.
    store.users.create(minimal_user("ada")).await.unwrap();
    assert_eq!(revoked(&store).await, [Some(2), Some(-1), None, None]);
}

/// A deletion that is refused revokes nothing.
pub async fn a_refused_deletion_revokes_nothing(store: UsersAndTokens) {
    prepare(&store).await;
    let never = Precondition::VersionIn(vec![]);
    assert!(store.users.delete(&user_id("ada"), never, noon()).await.is_err());
    assert!(store.users.delete(&user_id("eve"), Precondition::Exists, noon()).await.is_err());
    assert_eq!(revoked(&store).await, [None, Some(-1), None, None]);
}

/// A deletion in a transaction revokes the tokens with it, and one that is taken back does not.
pub async fn tokens_are_revoked_in_the_transaction_of_the_deletion(store: UsersAndTokens) {
    prepare(&store).await;
    let later = noon() + TimeDelta::hours(3);
    store.users.transact_at(vec![delete("ada")], Ending::RollBack, later).await.unwrap();
    assert_eq!(revoked(&store).await, [None, Some(-1), None, None]);
    let once = Ending::Once(request("key", 1));
    store.users.transact_at(vec![delete("ada"), delete("eve")], once, later).await.unwrap();
    assert_eq!(revoked(&store).await, [Some(3), Some(-1), None, None]);
}
