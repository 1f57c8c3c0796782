//! Contracts of [`TokenRepository::rotate`](users_ports::TokenRepository::rotate).

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use users_ports::{RepositoryError, TokenRecord};

use super::Tokens;
use super::together::at_once;
use crate::{noon, token_record};

/// An instant so many seconds after noon.
fn at(seconds: i64) -> DateTime<Utc> {
    noon() + TimeDelta::seconds(seconds)
}

/// A token that was made ten seconds after noon.
fn successor(id: &str) -> TokenRecord {
    TokenRecord { created_at: at(10), ..token_record(id) }
}

/// A rotated token goes on until its end, and the new one is kept as it is.
pub async fn a_rotated_token_gets_an_end_and_a_successor(tokens: Tokens) {
    tokens.create(token_record("old")).await.unwrap();
    tokens.create(token_record("other")).await.unwrap();
    let new = TokenRecord { expires_at: Some(at(99)), ..successor("new") };
    assert_eq!(tokens.rotate("old", new.clone(), at(20)).await, Ok(true));
    let old = TokenRecord { expires_at: Some(at(20)), ..token_record("old") };
    assert_eq!(tokens.list().await, Ok(vec![old, token_record("other"), new]));
}

/// An end that comes earlier stays; a later one is brought forward.
pub async fn a_rotation_never_puts_an_end_off(tokens: Tokens) {
    for (id, end, expected) in [("early", 15, 15), ("same", 20, 20), ("late", 25, 20)] {
        tokens.create(TokenRecord { expires_at: Some(at(end)), ..token_record(id) }).await.unwrap();
        assert_eq!(tokens.rotate(id, successor(&format!("{id}2")), at(20)).await, Ok(true));
        assert_eq!(tokens.find(id).await.unwrap().unwrap().expires_at, Some(at(expected)), "{id}");
    }
}

/// The end is kept to the microsecond, and the rest of it cut off, not rounded.
pub async fn the_end_of_a_rotated_token_is_cut_to_the_microsecond(tokens: Tokens) {
    tokens.create(token_record("old")).await.unwrap();
    let until = at(20) + TimeDelta::nanoseconds(999);
    assert_eq!(tokens.rotate("old", successor("new"), until).await, Ok(true));
    assert_eq!(tokens.find("old").await.unwrap().unwrap().expires_at, Some(at(20)));
}

/// There is no rotation of a token that is not there, is revoked or has expired, and it makes no token.
pub async fn what_is_over_is_not_rotated(tokens: Tokens) {
    let revoked = TokenRecord { revoked_at: Some(at(1)), ..token_record("revoked") };
    let expired = TokenRecord { expires_at: Some(at(9)), ..token_record("expired") };
    let just_expired = TokenRecord { expires_at: Some(at(10)), ..token_record("just") };
    for token in [&expired, &just_expired, &revoked] {
        tokens.create(token.clone()).await.unwrap();
    }
    for id in ["nobody", "revoked", "expired", "just"] {
        assert_eq!(tokens.rotate(id, successor("new"), at(20)).await, Ok(false), "{id}");
    }
    assert_eq!(tokens.list().await, Ok(vec![expired, just_expired, revoked]));
}

/// A rotation to a taken id fails and changes nothing, be it the id of the old token or of another.
pub async fn a_rotation_to_a_taken_id_changes_nothing(tokens: Tokens) {
    let kept = [token_record("old"), token_record("other")];
    for token in kept.clone() {
        tokens.create(token).await.unwrap();
    }
    for id in ["old", "other"] {
        let answer = tokens.rotate("old", successor(id), at(20)).await;
        assert!(matches!(answer, Err(RepositoryError::Internal(_))), "{answer:?}");
        assert_eq!(tokens.list().await, Ok(kept.to_vec()));
    }
}

/// Of many rotations at once that leave no overlap, one is carried out; it alone has made a token.
pub async fn of_many_rotations_without_overlap_one_is_carried_out(tokens: Tokens) {
    tokens.create(token_record("old")).await.unwrap();
    let answers = at_once((0..16).map(|number| {
        let tokens = Arc::clone(&tokens);
        async move { tokens.rotate("old", successor(&format!("new{number}")), at(10)).await.unwrap() }
    }))
    .await;
    let made: Vec<_> =
        (0..16).zip(answers).filter(|it| it.1).map(|it| successor(&format!("new{}", it.0))).collect();
    assert_eq!(made.len(), 1);
    let old = TokenRecord { expires_at: Some(at(10)), ..token_record("old") };
    assert_eq!(tokens.list().await, Ok([vec![old], made].concat()));
}

/// Whoever lists the tokens meanwhile sees a rotation as a whole: both tokens as they are then, or neither.
pub async fn nobody_sees_a_part_of_a_rotation(tokens: Tokens) {
    const ROTATIONS: usize = 20;
    for number in 0..ROTATIONS {
        tokens.create(token_record(&format!("old{number}"))).await.unwrap();
    }
    at_once((0..2).map(|task| {
        let tokens = Arc::clone(&tokens);
        async move {
            for number in 0..ROTATIONS {
                if task == 0 {
                    let (old, new) = (format!("old{number}"), format!("new{number}"));
                    assert_eq!(tokens.rotate(&old, successor(&new), at(20)).await, Ok(true));
                } else {
                    let listed = tokens.list().await.unwrap();
                    let ended = listed.iter().filter(|token| token.expires_at.is_some()).count();
                    assert_eq!(listed.len(), ROTATIONS + ended);
                }
            }
        }
    }))
    .await;
    assert_eq!(tokens.list().await.unwrap().len(), 2 * ROTATIONS);
}
