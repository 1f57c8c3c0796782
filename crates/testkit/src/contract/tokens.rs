//! Contracts of [`TokenRepository`](users_ports::TokenRepository).

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use users_domain::SelfEditable;
use users_ports::{Grant, RepositoryError, Scope, Scopes, TokenRecord};

use super::Tokens;
use crate::{noon, token_record, user_id};

/// A day of November 2026.
fn day(number: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, number).unwrap()
}

/// A new token is found as it was kept: every member, set or unset.
pub async fn a_new_token_is_found_as_it_was_kept(tokens: Tokens) {
    let bare = token_record("bare");
    let full = TokenRecord {
        name: "Zoë's \u{1F511}; DROP TABLE tokens --".to_owned(),
        secret_hash: std::array::from_fn(|place| u8::try_from(place * 255 / 31).unwrap()),
        created_at: noon() + TimeDelta::microseconds(1),
        expires_at: Some("9999-12-31T23:59:59.999999Z".parse().unwrap()),
        revoked_at: Some(noon() + TimeDelta::microseconds(2)),
        last_used_on: Some(day(1)),
        ..token_record("full0123456789")
    };
    let empty = TokenRecord { name: String::new(), secret_hash: [0; 32], ..token_record("empty") };
    for token in [bare, full, empty] {
        assert_eq!(tokens.create(token.clone()).await, Ok(()));
        assert_eq!(tokens.find(&token.id).await, Ok(Some(token)));
    }
}

/// Every set of scopes is kept, the empty one too.
pub async fn every_set_of_scopes_is_kept(tokens: Tokens) {
    for set in 0..8 {
        let chosen = Scope::ALL.into_iter().enumerate().filter(|(place, _)| set >> place & 1 == 1);
        let scopes: Scopes = chosen.map(|(_, scope)| scope).collect();
        let token = TokenRecord { grant: scopes.into(), ..token_record(&format!("token{set}")) };
        tokens.create(token.clone()).await.unwrap();
        assert_eq!(tokens.find(&token.id).await, Ok(Some(token)));
    }
}

/// A self-service token is kept with its user and every set of members, also when it is revoked and listed.
pub async fn every_self_service_token_is_kept(tokens: Tokens) {
    let users = ["ada", "Ada", "a.b_c~d:e@f-1", &"x".repeat(128)].map(user_id);
    let policies = ["bio", "username,email,last_seen"].map(|names| names.parse::<SelfEditable>().unwrap());
    let policies = policies.into_iter().chain([SelfEditable::default()]);
    let grants = users.iter().flat_map(|user| {
        let policies = policies.clone();
        policies.map(|may_set| Grant::SelfService { user: user.clone(), may_set })
    });
    let mut made = Vec::new();
    for (number, grant) in grants.enumerate() {
        let token = TokenRecord { grant, ..token_record(&format!("token{number:02}")) };
        tokens.create(token.clone()).await.unwrap();
        assert_eq!(tokens.find(&token.id).await, Ok(Some(token.clone())));
        made.push(token);
    }
    assert_eq!(made.len(), 12);
    for token in &mut made {
        tokens.revoke(&token.id, noon()).await.unwrap();
        token.revoked_at = Some(noon());
    }
    assert_eq!(tokens.list().await, Ok(made));
}

/// An unknown token is `None`; ids are told apart by every character.
pub async fn an_unknown_token_is_none(tokens: Tokens) {
    assert_eq!(tokens.find("token").await, Ok(None));
    tokens.create(token_record("token")).await.unwrap();
    for id in ["", "Token", "toke", "token1", "token ", "%", "t_ken"] {
        assert_eq!(tokens.find(id).await, Ok(None), "{id:?}");
    }
}

/// A taken id is refused, and the token that has it stays as it is.
pub async fn a_taken_id_is_refused_and_its_token_left_as_it_is(tokens: Tokens) {
    let token = token_record("token");
    tokens.create(token.clone()).await.unwrap();
    let other = TokenRecord { name: "other".to_owned(), secret_hash: [9; 32], ..token.clone() };
    for again in [token.clone(), other] {
        let answer = tokens.create(again).await;
        assert!(matches!(answer, Err(RepositoryError::Internal(_))), "{answer:?}");
        assert_eq!(tokens.find("token").await, Ok(Some(token.clone())));
    }
    assert_eq!(tokens.list().await, Ok(vec![token]));
}

/// The list has every token, the oldest first, those of one instant by id.
pub async fn the_list_has_the_oldest_first(tokens: Tokens) {
    assert_eq!(tokens.list().await, Ok(vec![]));
    let at = |id: &str, microseconds| TokenRecord {
        created_at: noon() + TimeDelta::microseconds(microseconds),
        ..token_record(id)
    };
    let mut made = [at("b", 1), at("z", -1), at("a", 2), at("c1", 1), at("c", 1), at("1", 1), at("y", 0)];
    for token in &made {
        tokens.create(token.clone()).await.unwrap();
    }
    tokens.revoke("z", noon()).await.unwrap();
    tokens.mark_used("y", day(1)).await.unwrap();
    let listed = tokens.list().await.unwrap();
    made.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    let ids = |tokens: &[TokenRecord]| tokens.iter().map(|token| token.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&listed), ids(&made));
    for token in listed {
        assert_eq!(tokens.find(&token.id).await, Ok(Some(token)));
    }
}

/// A revoked token is still found and listed, with the time of its revocation and all else as it was.
pub async fn a_revoked_token_is_still_found(tokens: Tokens) {
    let token = TokenRecord { expires_at: Some(noon()), last_used_on: Some(day(1)), ..token_record("token") };
    tokens.create(token.clone()).await.unwrap();
    tokens.create(token_record("other")).await.unwrap();
    assert_eq!(tokens.revoke("token", noon()).await, Ok(true));
    let revoked = TokenRecord { revoked_at: Some(noon()), ..token };
    assert_eq!(tokens.find("token").await, Ok(Some(revoked.clone())));
    assert!(tokens.list().await.unwrap().contains(&revoked));
    assert_eq!(tokens.find("other").await, Ok(Some(token_record("other"))));
}

/// A token that is revoked again keeps the first time of revocation, whatever the clock says.
pub async fn the_first_time_of_revocation_is_kept(tokens: Tokens) {
    tokens.create(token_record("token")).await.unwrap();
    for seconds in [0, 1, -1] {
        assert_eq!(tokens.revoke("token", noon() + TimeDelta::seconds(seconds)).await, Ok(true));
        assert_eq!(tokens.find("token").await.unwrap().unwrap().revoked_at, Some(noon()));
    }
}

/// The time of revocation is kept to the microsecond, and the rest of it cut off, not rounded.
pub async fn the_time_of_revocation_is_cut_to_the_microsecond(tokens: Tokens) {
    let early: DateTime<Utc> = "1999-12-31T23:59:59.000001Z".parse().unwrap();
    for (id, instant) in [("a", early), ("b", noon())] {
        tokens.create(token_record(id)).await.unwrap();
        tokens.revoke(id, instant + TimeDelta::nanoseconds(999)).await.unwrap();
        assert_eq!(tokens.find(id).await.unwrap().unwrap().revoked_at, Some(instant));
    }
}

/// An unknown token cannot be revoked, and is not made by it.
pub async fn an_unknown_token_is_not_revoked(tokens: Tokens) {
    assert_eq!(tokens.revoke("nobody", noon()).await, Ok(false));
    assert_eq!(tokens.find("nobody").await, Ok(None));
}

/// The last day of use is noted, and an earlier day does not replace a later one.
pub async fn the_last_day_of_use_is_kept(tokens: Tokens) {
    tokens.create(token_record("token")).await.unwrap();
    for (used, last) in [(5, 5), (6, 6), (6, 6), (4, 6), (30, 30), (1, 30)] {
        assert_eq!(tokens.mark_used("token", day(used)).await, Ok(()));
        let expected = TokenRecord { last_used_on: Some(day(last)), ..token_record("token") };
        assert_eq!(tokens.find("token").await, Ok(Some(expected)));
    }
}

/// The use of a token that there is not is not noted, and no error.
pub async fn the_use_of_an_unknown_token_does_nothing(tokens: Tokens) {
    assert_eq!(tokens.mark_used("nobody", day(1)).await, Ok(()));
    assert_eq!(tokens.list().await, Ok(vec![]));
}

/// Tokens that were revoked or expired before an instant are removed; all others stay.
pub async fn what_was_over_before_an_instant_is_pruned(tokens: Tokens) {
    let end = noon();
    let (before, after) = (end - TimeDelta::microseconds(1), end + TimeDelta::days(1));
    let cases = [
        ("valid", None, None, true),
        ("valid_still", Some(after), None, true),
        ("expired", Some(before), None, false),
        ("expired_just_then", Some(end), None, true),
        ("revoked", None, Some(before), false),
        ("revoked_just_then", None, Some(end), true),
        ("revoked_then_expired", Some(after), Some(before), false),
        ("expired_then_revoked", Some(before), Some(after), false),
    ];
    for (id, expires_at, revoked_at, _) in cases {
        tokens.create(TokenRecord { expires_at, revoked_at, ..token_record(id) }).await.unwrap();
    }
    assert_eq!(tokens.prune(end).await, Ok(4));
    for (id, _, _, stays) in cases {
        assert_eq!(tokens.find(id).await.unwrap().is_some(), stays, "{id}");
    }
    assert_eq!(tokens.prune(end).await, Ok(0));
}
