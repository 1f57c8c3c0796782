//! Telling who calls: which tokens are let in, for how long a record is remembered, and what is noted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use mockall::Sequence;
use mockall::predicate::eq;
use rstest::rstest;
use users_ports::{Clock, MockTokenRepository, RepositoryError, Scope, Scopes, TokenRecord, TokenRepository};
use users_testkit::{FixedClock, MemoryStore, noon, token_record};
use users_use_cases::{Authenticate, AuthenticateError, Denied, Token, TokenLookUps};

/// The token `abc`, and what is kept of it; it was used today already.
fn token() -> (Token, TokenRecord) {
    let token = Token::new("abc".to_owned(), [7; 32]);
    let record = TokenRecord {
        secret_hash: token.secret_hash(),
        last_used_on: Some(noon().date_naive()),
        ..token_record("abc")
    };
    (token, record)
}

/// Authentication over a repository that is asked for the token `abc` so many times, and answers with `record`.
fn looked_up(record: &TokenRecord, times: usize) -> (Authenticate, Arc<FixedClock>) {
    let (mut tokens, record) = (MockTokenRepository::new(), record.clone());
    tokens.expect_find().with(eq("abc")).times(times).returning(move |_| Ok(Some(record.clone())));
    over(tokens)
}

fn over(tokens: impl TokenRepository + 'static) -> (Authenticate, Arc<FixedClock>) {
    let clock = Arc::new(FixedClock::default());
    (Authenticate::new(Arc::new(tokens), clock.clone()), clock)
}

const MOMENT: TimeDelta = TimeDelta::microseconds(1);

#[tokio::test]
async fn a_caller_is_the_token_and_may_what_it_allows() {
    let (token, record) = token();
    let scopes: Scopes = [Scope::Read, Scope::Delete].into_iter().collect();
    let (authenticate, _) = looked_up(&TokenRecord { grant: scopes.into(), ..record }, 1);
    let caller = authenticate.execute(&token).await.unwrap();
    assert_eq!(caller.id(), "abc");
    assert_eq!((caller.require(Scope::Read), caller.require(Scope::Delete)), (Ok(()), Ok(())));
    assert_eq!(caller.require(Scope::Write), Err(Denied::Scope(Scope::Write)));
}

#[tokio::test]
async fn an_unknown_token_is_not_let_in_and_not_remembered() {
    let mut tokens = MockTokenRepository::new();
    tokens.expect_find().times(2).returning(|_| Ok(None));
    let (authenticate, _) = over(tokens);
    for _ in 0..2 {
        assert_eq!(authenticate.execute(&token().0).await, Err(AuthenticateError::Invalid));
    }
}

#[tokio::test]
async fn a_token_with_another_secret_is_not_let_in_nor_told_more_nor_noted() {
    let forged = Token::new("abc".to_owned(), [8; 32]);
    let expired = TokenRecord { expires_at: Some(noon()), last_used_on: None, ..token().1 };
    let (authenticate, _) = looked_up(&expired, 1);
    for _ in 0..3 {
        assert_eq!(authenticate.execute(&forged).await, Err(AuthenticateError::Invalid));
    }
}

#[tokio::test]
async fn a_revoked_token_is_invalid_also_when_it_has_expired() {
    let (token, record) = token();
    let revoked =
        TokenRecord { revoked_at: Some(noon()), expires_at: Some(noon()), last_used_on: None, ..record };
    let (authenticate, _) = looked_up(&revoked, 1);
    assert_eq!(authenticate.execute(&token).await, Err(AuthenticateError::Invalid));
}

#[rstest]
#[case::before(noon() + MOMENT, true)]
#[case::at_the_instant(noon(), false)]
#[case::after(noon() - MOMENT, false)]
#[tokio::test]
async fn a_token_expires_at_the_very_instant(#[case] end: DateTime<Utc>, #[case] let_in: bool) {
    let (token, record) = token();
    let (authenticate, _) = looked_up(&TokenRecord { expires_at: Some(end), ..record }, 1);
    let answer = authenticate.execute(&token).await;
    assert_eq!(answer.err(), (!let_in).then_some(AuthenticateError::Expired));
}

#[tokio::test]
async fn a_token_expires_also_while_it_is_remembered() {
    let (token, record) = token();
    let (authenticate, clock) = looked_up(&TokenRecord { expires_at: Some(noon() + MOMENT), ..record }, 1);
    assert!(authenticate.execute(&token).await.is_ok());
    clock.advance(MOMENT);
    assert_eq!(authenticate.execute(&token).await, Err(AuthenticateError::Expired));
}

#[tokio::test]
async fn a_record_is_remembered_for_its_time_and_read_anew_then() {
    let (token, record) = token();
    let (authenticate, clock) = looked_up(&record, 2);
    for age in [TimeDelta::zero(), MOMENT, Authenticate::MAX_AGE - MOMENT, Authenticate::MAX_AGE] {
        clock.set(noon() + age);
        assert!(authenticate.execute(&token).await.is_ok(), "{age}");
    }
}

#[tokio::test]
async fn a_clock_that_is_put_back_does_not_stretch_the_time() {
    let (token, record) = token();
    let (authenticate, clock) = looked_up(&record, 2);
    assert!(authenticate.execute(&token).await.is_ok());
    clock.advance(-MOMENT);
    assert!(authenticate.execute(&token).await.is_ok());
}

#[tokio::test]
async fn a_revocation_takes_effect_within_its_time_and_so_within_five_seconds() {
    assert!(Authenticate::MAX_AGE * 2 < TimeDelta::seconds(5));
    let (token, record) = token();
    // The day of use is noted in between, which must not make the record look fresh.
    let before_midnight: DateTime<Utc> = "2026-11-01T23:59:59Z".parse().unwrap();
    let store = Arc::new(MemoryStore::default());
    let clock = Arc::new(FixedClock::at(before_midnight));
    TokenRepository::create(&*store, record).await.unwrap();
    let authenticate = Authenticate::new(store.clone(), clock.clone());
    assert!(authenticate.execute(&token).await.is_ok());
    store.revoke("abc", clock.now()).await.unwrap();

    clock.set(before_midnight + Authenticate::MAX_AGE - MOMENT);
    assert!(authenticate.execute(&token).await.is_ok(), "what is remembered is used");
    clock.set(before_midnight + Authenticate::MAX_AGE);
    assert_eq!(authenticate.execute(&token).await, Err(AuthenticateError::Invalid));
}

#[tokio::test]
async fn the_use_of_a_token_is_noted_once_a_day() {
    let (token, record) = token();
    let mut tokens = MockTokenRepository::new();
    // The store goes on telling the day that it knew at first.
    tokens.expect_find().returning(move |_| Ok(Some(TokenRecord { last_used_on: None, ..record.clone() })));
    let mut order = Sequence::new();
    for day in ["2026-11-01", "2026-11-02"] {
        let day: NaiveDate = day.parse().unwrap();
        let note = tokens.expect_mark_used().with(eq("abc"), eq(day)).times(1).in_sequence(&mut order);
        note.returning(|_, _| Ok(()));
    }
    let (authenticate, clock) = over(tokens);
    for instant in [
        "2026-11-01T23:59:59Z",
        "2026-11-01T23:59:59.999999Z",
        "2026-11-02T00:00:00Z",
        "2026-11-02T00:00:00.5Z",
    ] {
        clock.set(instant.parse().unwrap());
        assert!(authenticate.execute(&token).await.is_ok(), "{instant}");
    }
}

#[rstest]
#[case::today("2026-11-01")]
#[case::later_by_another_clock("2026-11-02")]
#[tokio::test]
async fn a_use_that_is_noted_already_is_not_noted_again(#[case] day: &str) {
    let (token, record) = token();
    let (authenticate, _) = looked_up(&TokenRecord { last_used_on: Some(day.parse().unwrap()), ..record }, 1);
    assert!(authenticate.execute(&token).await.is_ok());
}

#[tokio::test]
async fn a_note_that_fails_does_not_keep_the_caller_out_and_is_tried_again_with_the_next_look_up() {
    let (token, record) = token();
    let mut tokens = MockTokenRepository::new();
    tokens
        .expect_find()
        .times(2)
        .returning(move |_| Ok(Some(TokenRecord { last_used_on: None, ..record.clone() })));
    tokens.expect_mark_used().times(2).returning(|_, _| Err(RepositoryError::Overloaded));
    let (authenticate, clock) = over(tokens);
    for _ in 0..2 {
        for _ in 0..3 {
            assert!(authenticate.execute(&token).await.is_ok());
        }
        clock.advance(Authenticate::MAX_AGE);
    }
}

/// Tokens that are found only after everybody else has had a turn, and that count how often a use is noted.
#[derive(Default)]
struct SlowTokens {
    store: MemoryStore,
    notes: AtomicUsize,
}

#[async_trait]
impl TokenRepository for SlowTokens {
    async fn create(&self, token: TokenRecord) -> Result<(), RepositoryError> {
        TokenRepository::create(&self.store, token).await
    }

    async fn find(&self, id: &str) -> Result<Option<TokenRecord>, RepositoryError> {
        let found = TokenRepository::find(&self.store, id).await;
        tokio::task::yield_now().await;
        found
    }

    async fn list(&self) -> Result<Vec<TokenRecord>, RepositoryError> {
        self.store.list().await
    }

    async fn revoke(&self, id: &str, now: DateTime<Utc>) -> Result<bool, RepositoryError> {
        self.store.revoke(id, now).await
    }

    async fn rotate(
        &self,
        id: &str,
        successor: TokenRecord,
        until: DateTime<Utc>,
    ) -> Result<bool, RepositoryError> {
        self.store.rotate(id, successor, until).await
    }

    async fn prune(&self, end: DateTime<Utc>) -> Result<u64, RepositoryError> {
        self.store.prune(end).await
    }

    async fn mark_used(&self, id: &str, day: NaiveDate) -> Result<(), RepositoryError> {
        self.notes.fetch_add(1, Ordering::Relaxed);
        self.store.mark_used(id, day).await
    }
}

#[tokio::test]
async fn of_callers_who_are_looked_up_at_once_one_notes_the_use() {
    let (token, record) = token();
    let tokens = Arc::new(SlowTokens::default());
    tokens.create(TokenRecord { last_used_on: None, ..record }).await.unwrap();
    let authenticate = Authenticate::new(tokens.clone(), Arc::new(FixedClock::default()));
    let call = || authenticate.execute(&token);
    let (one, two, three) = tokio::join!(call(), call(), call());
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    assert_eq!(tokens.notes.load(Ordering::Relaxed), 1);
    let kept = TokenRepository::find(&*tokens, "abc").await.unwrap().unwrap();
    assert_eq!(kept.last_used_on, Some(noon().date_naive()));
}

#[tokio::test]
async fn a_look_up_that_fails_says_why_and_is_not_remembered() {
    let (token, record) = token();
    let mut tokens = MockTokenRepository::new();
    let error = RepositoryError::Unavailable("no answer".to_owned());
    let answer = error.clone();
    tokens.expect_find().times(1).return_once(|_| Err(answer));
    tokens.expect_find().times(1).return_once(|_| Ok(Some(record)));
    let (authenticate, _) = over(tokens);
    assert_eq!(authenticate.execute(&token).await, Err(AuthenticateError::Repository(error)));
    assert!(authenticate.execute(&token).await.is_ok());
}

#[tokio::test]
async fn what_is_remembered_is_bounded() {
    let numbered = |number: u32| Token::new(format!("t{number}"), [7; 32]);
    let mut tokens = MockTokenRepository::new();
    // 10 000 fit; the next makes all others be forgotten, so that the first is looked up twice.
    tokens
        .expect_find()
        .times(10_002)
        .returning(|id| Ok(Some(TokenRecord { id: id.to_owned(), ..token().1 })));
    let (authenticate, _) = over(tokens);
    for number in 0..10_000 {
        assert!(authenticate.execute(&numbered(number)).await.is_ok());
    }
    assert!(authenticate.execute(&numbered(0)).await.is_ok());
    assert!(authenticate.execute(&numbered(10_000)).await.is_ok());
    assert!(authenticate.execute(&numbered(0)).await.is_ok());
}

#[tokio::test]
async fn look_ups_are_counted_by_where_the_record_came_from() {
    let (token, record) = token();
    let (authenticate, clock) = looked_up(&record, 2);
    for _ in 0..3 {
        authenticate.execute(&token).await.unwrap();
    }
    clock.advance(Authenticate::MAX_AGE);
    authenticate.execute(&token).await.unwrap();
    let counted = TokenLookUps { remembered: 2, read: 2, known: 1, invalid: 0, expired: 0 };
    assert_eq!(authenticate.look_ups(), counted);
}

#[tokio::test]
async fn tokens_that_are_refused_are_counted_by_the_reason() {
    let (token, record) = token();
    let (authenticate, _) = looked_up(&TokenRecord { expires_at: Some(noon()), ..record }, 1);
    for secret in [[1; 32], [2; 32]] {
        let forged = Token::new("abc".to_owned(), secret);
        assert_eq!(authenticate.execute(&forged).await, Err(AuthenticateError::Invalid));
    }
    assert_eq!(authenticate.execute(&token).await, Err(AuthenticateError::Expired));
    let counted = TokenLookUps { remembered: 2, read: 1, known: 1, invalid: 2, expired: 1 };
    assert_eq!(authenticate.look_ups(), counted);
}
