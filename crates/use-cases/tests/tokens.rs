//! Creating, listing, rotating and revoking tokens.

use std::sync::Arc;

use chrono::TimeDelta;
use rstest::rstest;
use users_ports::{
    IdGenerator, MockTokenRepository, RepositoryError, Scope, Scopes, TokenRecord, TokenRepository,
};
use users_testkit::{FixedClock, MemoryStore, SequentialIds, noon, token_record};
use users_use_cases::{ManageTokens, RotateTokenError, Token};

fn manage(tokens: Arc<dyn TokenRepository>, clock: &Arc<FixedClock>) -> ManageTokens {
    ManageTokens::new(tokens, Arc::new(SequentialIds::default()), clock.clone())
}

#[tokio::test]
async fn a_new_token_is_kept_without_its_secret() {
    let (store, clock) = (Arc::new(MemoryStore::default()), Arc::new(FixedClock::default()));
    clock.advance(TimeDelta::nanoseconds(7));
    let scopes: Scopes = [Scope::Read].into_iter().collect();
    let (token, record) =
        manage(store.clone(), &clock).create("for the tests".to_owned(), scopes.into(), None).await.unwrap();
    let secret = SequentialIds::default().token_secret();
    assert_eq!(token, Token::new("token1".to_owned(), secret));
    let expected = TokenRecord {
        id: "token1".to_owned(),
        name: "for the tests".to_owned(),
        secret_hash: token.secret_hash(),
        grant: scopes.into(),
        created_at: noon(),
        expires_at: None,
        revoked_at: None,
        last_used_on: None,
    };
    assert_eq!(record, expected);
    assert_ne!(record.secret_hash, secret);
    assert_eq!(TokenRepository::find(&*store, "token1").await, Ok(Some(expected)));
}

#[rstest]
#[case::days(TimeDelta::days(90), Some(TimeDelta::days(90)))]
#[case::cut_to_the_microsecond(TimeDelta::nanoseconds(1_999), Some(TimeDelta::microseconds(1)))]
#[case::over_at_once(TimeDelta::zero(), Some(TimeDelta::zero()))]
#[case::beyond_the_calendar(TimeDelta::MAX, None)]
#[tokio::test]
async fn a_lifetime_ends_after_its_creation(#[case] lifetime: TimeDelta, #[case] end: Option<TimeDelta>) {
    let manage = manage(Arc::new(MemoryStore::default()), &Arc::default());
    let (_, record) = manage.create(String::new(), Scopes::all().into(), Some(lifetime)).await.unwrap();
    assert_eq!(record.expires_at, end.map(|end| noon() + end));
}

#[tokio::test]
async fn tokens_are_listed_and_revoked_at_the_time_of_the_clock() {
    let clock = Arc::new(FixedClock::default());
    let manage = manage(Arc::new(MemoryStore::default()), &clock);
    for _ in 0..2 {
        manage.create(String::new(), Scopes::all().into(), None).await.unwrap();
        clock.advance(TimeDelta::seconds(1));
    }
    assert_eq!(manage.revoke("token1").await, Ok(true));
    assert_eq!(manage.revoke("nobody").await, Ok(false));
    let listed = manage.list().await.unwrap();
    let listed: Vec<_> = listed.iter().map(|token| (token.id.as_str(), token.revoked_at)).collect();
    assert_eq!(listed, [("token1", Some(noon() + TimeDelta::seconds(2))), ("token2", None)]);
}

#[rstest]
#[case::as_long_as_the_old_one(Some(TimeDelta::days(90)), None, Some(TimeDelta::days(90)))]
#[case::for_ever_as_the_old_one(None, None, None)]
#[case::as_long_as_is_said(Some(TimeDelta::days(90)), Some(TimeDelta::days(7)), Some(TimeDelta::days(7)))]
#[case::with_an_end_now(None, Some(TimeDelta::days(7)), Some(TimeDelta::days(7)))]
#[tokio::test]
async fn a_rotated_token_goes_on_for_the_overlap_beside_one_that_allows_the_same(
    #[case] first: Option<TimeDelta>,
    #[case] said: Option<TimeDelta>,
    #[case] expected: Option<TimeDelta>,
) {
    let (store, clock) = (Arc::new(MemoryStore::default()), Arc::new(FixedClock::default()));
    let manage = manage(store.clone(), &clock);
    let scopes: Scopes = [Scope::Read].into_iter().collect();
    let (old_token, old) = manage.create("crm".to_owned(), scopes.into(), first).await.unwrap();
    clock.advance(TimeDelta::hours(1));

    let rotation = manage.rotate("token1", TimeDelta::hours(24), said).await.unwrap();
    let (now, until) = (noon() + TimeDelta::hours(1), noon() + TimeDelta::hours(25));
    let new = TokenRecord {
        id: "token2".to_owned(),
        secret_hash: rotation.token.secret_hash(),
        created_at: now,
        expires_at: expected.map(|lifetime| now + lifetime),
        ..old.clone()
    };
    assert_eq!((rotation.record, rotation.until), (new.clone(), until));
    assert_ne!(rotation.token, old_token);
    let old = TokenRecord { expires_at: Some(until), ..old };
    assert_eq!(store.list().await, Ok(vec![old, new]));
}

#[tokio::test]
async fn the_old_token_ends_when_it_would_have_if_that_is_earlier() {
    let (store, clock) = (Arc::new(MemoryStore::default()), Arc::new(FixedClock::default()));
    let manage = manage(store.clone(), &clock);
    manage.create(String::new(), Scopes::all().into(), Some(TimeDelta::hours(1))).await.unwrap();
    let end = noon() + TimeDelta::hours(1);
    for overlap in [TimeDelta::hours(2), TimeDelta::MAX] {
        assert_eq!(manage.rotate("token1", overlap, None).await.unwrap().until, end);
    }
    assert_eq!(TokenRepository::find(&*store, "token1").await.unwrap().unwrap().expires_at, Some(end));
}

#[tokio::test]
async fn what_is_over_is_not_rotated() {
    let clock = Arc::new(FixedClock::default());
    let manage = manage(Arc::new(MemoryStore::default()), &clock);
    for _ in 0..2 {
        manage.create(String::new(), Scopes::all().into(), None).await.unwrap();
    }
    assert!(manage.rotate("token1", TimeDelta::zero(), None).await.is_ok());
    manage.revoke("token2").await.unwrap();
    for (id, why) in [
        ("token1", RotateTokenError::Over),
        ("token2", RotateTokenError::Over),
        ("nobody", RotateTokenError::Unknown),
    ] {
        let answer = manage.rotate(id, TimeDelta::hours(1), None).await;
        assert_eq!(answer.err(), Some(why), "{id}");
    }
    assert_eq!(manage.list().await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_token_that_is_revoked_while_it_is_rotated_gets_no_successor() {
    let mut tokens = MockTokenRepository::new();
    tokens.expect_find().times(1).returning(|id| Ok(Some(token_record(id))));
    tokens.expect_rotate().times(1).returning(|_, _, _| Ok(false));
    let answer = manage(Arc::new(tokens), &Arc::default()).rotate("old", TimeDelta::hours(1), None).await;
    assert_eq!(answer.err(), Some(RotateTokenError::Over));
}

#[tokio::test]
async fn what_the_repository_cannot_do_is_said() {
    let mut tokens = MockTokenRepository::new();
    tokens.expect_create().times(1).returning(|_| Err(RepositoryError::Overloaded));
    tokens.expect_list().times(1).returning(|| Err(RepositoryError::Overloaded));
    tokens.expect_revoke().times(1).returning(|_, _| Err(RepositoryError::Overloaded));
    let manage = manage(Arc::new(tokens), &Arc::default());
    assert!(matches!(
        manage.create(String::new(), Scopes::all().into(), None).await,
        Err(RepositoryError::Overloaded)
    ));
    assert_eq!(manage.list().await, Err(RepositoryError::Overloaded));
    assert_eq!(manage.revoke("token1").await, Err(RepositoryError::Overloaded));
}
