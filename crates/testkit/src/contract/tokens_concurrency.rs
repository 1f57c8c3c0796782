//! Contracts of [`TokenRepository`](users_ports::TokenRepository): what happens at the same time.

use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use users_ports::{RepositoryError, TokenRecord};

use super::Tokens;
use super::together::at_once;
use crate::{noon, token_record};

fn day(number: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, number).unwrap()
}

/// Of many creations of one id at once, exactly one is kept.
pub async fn of_many_creations_of_one_id_one_is_kept(tokens: Tokens) {
    let new_token = |number: usize| TokenRecord { name: number.to_string(), ..token_record("token") };
    let answers = at_once((0..32).map(|number| {
        let tokens = Arc::clone(&tokens);
        async move { tokens.create(new_token(number)).await }
    }))
    .await;
    let kept: Vec<_> =
        (0..32).zip(&answers).filter(|(_, answer)| answer.is_ok()).map(|it| new_token(it.0)).collect();
    assert_eq!(kept.len(), 1, "{answers:?}");
    assert!(
        answers.iter().all(|answer| matches!(answer, Ok(()) | Err(RepositoryError::Internal(_)))),
        "{answers:?}"
    );
    assert_eq!(tokens.list().await, Ok(kept));
}

/// Of many revocations at once all are told that there is such a token, and one time is kept.
pub async fn of_many_revocations_one_time_is_kept(tokens: Tokens) {
    tokens.create(token_record("token")).await.unwrap();
    let time = |number| noon() + TimeDelta::seconds(number);
    let seen = at_once((0..32).map(|number| {
        let tokens = Arc::clone(&tokens);
        async move {
            assert_eq!(tokens.revoke("token", time(number)).await, Ok(true));
            tokens.find("token").await.unwrap().unwrap().revoked_at.unwrap()
        }
    }))
    .await;
    let kept = tokens.find("token").await.unwrap().unwrap().revoked_at.unwrap();
    assert!((0..32).any(|number| time(number) == kept));
    assert!(seen.iter().all(|time| *time == kept), "the time of revocation was replaced");
}

/// Uses on many days at once leave the last day; a revocation among them is not lost.
pub async fn uses_and_a_revocation_at_once_are_all_kept(tokens: Tokens) {
    tokens.create(token_record("token")).await.unwrap();
    at_once((1..=30).map(|number| {
        let tokens = Arc::clone(&tokens);
        async move {
            tokens.mark_used("token", day(number)).await.unwrap();
            if number == 15 {
                tokens.revoke("token", noon()).await.unwrap();
            }
        }
    }))
    .await;
    let expected =
        TokenRecord { last_used_on: Some(day(30)), revoked_at: Some(noon()), ..token_record("token") };
    assert_eq!(tokens.find("token").await, Ok(Some(expected)));
}

/// A write is seen by every call that is made after its answer.
pub async fn a_write_is_seen_by_the_next_find(tokens: Tokens) {
    at_once((0..8).map(|number| {
        let tokens = Arc::clone(&tokens);
        async move {
            let mut token = token_record(&format!("token{number}"));
            tokens.create(token.clone()).await.unwrap();
            for used in 1..=20 {
                tokens.mark_used(&token.id, day(used)).await.unwrap();
                token.last_used_on = Some(day(used));
                assert_eq!(tokens.find(&token.id).await, Ok(Some(token.clone())));
            }
            tokens.revoke(&token.id, noon()).await.unwrap();
            token.revoked_at = Some(noon());
            assert_eq!(tokens.find(&token.id).await, Ok(Some(token)));
        }
    }))
    .await;
}
