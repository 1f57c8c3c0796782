use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use rand::random;
use reqwest::Request;
use reqwest::header::{HeaderName, HeaderValue, IF_MATCH};

use crate::answer::Answer;
use crate::transport::{Transport, with_header};
use crate::{BulkAnswer, ETag, Error, RetryPolicy, User, VersionedUser};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The greatest length of an idempotency key, in characters; the service's own limit.
const LONGEST_KEY: usize = 255;

/// Marks a write to a user that exists, which can depend on its version.
#[derive(Clone, Copy, Debug)]
pub enum ExistingUser {}

/// Marks a write that makes users or is about many of them, which cannot.
#[derive(Clone, Copy, Debug)]
pub enum NewOrMany {}

/// A write that is sent when it is awaited.
///
/// A write that may be sent again carries an idempotency key, a new one for each `Write`: however often it is sent, it
/// has its effect once. A write whose answer was lost can therefore be repeated, and is.
#[must_use = "a write is not sent before it is awaited"]
pub struct Write<T, Target> {
    transport: Arc<Transport>,
    request: Result<Request, Error>,
    read: fn(&Answer) -> Result<T, Error>,
    retry: RetryPolicy,
    key: Option<String>,
    dry_run: bool,
    target: PhantomData<fn() -> Target>,
}

impl<T, Target> Write<T, Target> {
    pub(crate) fn new(
        transport: &Arc<Transport>,
        request: Result<Request, Error>,
        read: fn(&Answer) -> Result<T, Error>,
    ) -> Self {
        Self {
            transport: Arc::clone(transport),
            request,
            read,
            retry: transport.retry.clone(),
            key: None,
            dry_run: false,
            target: PhantomData,
        }
    }

    /// Uses this idempotency key, 1 to 255 characters of visible ASCII, in place of one made up for the call.
    ///
    /// For a caller that must not have a second effect even after a crash of its own: it keeps the key before it
    /// sends. With the same key the service gives the same answer for 24 hours, and
    /// [`replayed`](crate::VersionedUser::replayed) tells so.
    pub fn idempotency_key(self, key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..self }
    }

    /// Sends the write once, whatever comes, and without an idempotency key of the client's own.
    ///
    /// That is a little faster, since the service need not remember the answer.
    pub fn once(self) -> Self {
        Self { retry: self.retry.attempts(1), ..self }
    }

    fn into_dry_run<U>(self, read: fn(&Answer) -> Result<U, Error>) -> Write<U, Target> {
        let Self { transport, request, read: _, retry, key, dry_run: _, target } = self;
        Write { transport, request, read, retry, key, dry_run: true, target }
    }

    fn prepare(self) -> Result<Ready<T>, Error> {
        let mut request = self.request?;
        if self.dry_run {
            request.url_mut().query_pairs_mut().append_pair("dry_run", "true");
        }
        // A dry run has no effect that could happen twice.
        let made_up = || (self.retry.repeats() && !self.dry_run).then(new_key);
        if let Some(key) = self.key.or_else(made_up) {
            request = with_header(request, IDEMPOTENCY_KEY, key_header(&key)?);
        }
        Ok(Ready { transport: self.transport, request, read: self.read, retry: self.retry })
    }
}

impl<Target> Write<VersionedUser, Target> {
    /// Asks what the write would do: every check is made, and nothing is written.
    ///
    /// The user that would be is answered without a version, since it is in none.
    pub fn dry_run(self) -> Write<User, Target> {
        self.into_dry_run(|answer| answer.of_dry_run()?.json())
    }
}

impl<Target> Write<BulkAnswer, Target> {
    /// Asks what the writes would do, one after the other: every check is made, and nothing is written.
    pub fn dry_run(self) -> Self {
        self.into_dry_run(|answer| BulkAnswer::read(answer.of_dry_run()?))
    }
}

impl<T> Write<T, ExistingUser> {
    /// Writes only if the user is still in this version; else the error has the code
    /// [`PreconditionFailed`](crate::ErrorCode::PreconditionFailed), and the current version in
    /// [`Problem::etag`](crate::Problem::etag).
    pub fn if_match(self, etag: &ETag) -> Self {
        let with_condition = |request| with_header(request, IF_MATCH, etag.to_header());
        Self { request: self.request.map(with_condition), ..self }
    }
}

/// A write as it goes onto the wire.
struct Ready<T> {
    transport: Arc<Transport>,
    request: Request,
    read: fn(&Answer) -> Result<T, Error>,
    retry: RetryPolicy,
}

impl<T: 'static, Target> IntoFuture for Write<T, Target> {
    type Output = Result<T, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let ready = self.prepare();
        Box::pin(async move {
            let Ready { transport, request, read, retry } = ready?;
            read(&transport.send(&request, &retry).await?)
        })
    }
}

impl<T, Target> fmt::Debug for Write<T, Target> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let call = self.request.as_ref().map(|request| (request.method(), request.url().path()));
        f.debug_struct("Write").field("call", &call).field("dry_run", &self.dry_run).finish_non_exhaustive()
    }
}

/// 128 random bits: nobody makes the same key by chance.
fn new_key() -> String {
    format!("{:032x}", random::<u128>())
}

/// Writes a key as a string of a structured field (RFC 9651, section 4.1.6), as the draft on `Idempotency-Key` asks.
fn key_header(key: &str) -> Result<HeaderValue, Error> {
    let invalid = || {
        let rule = format!("an idempotency key is 1 to {LONGEST_KEY} characters of visible ASCII");
        Error::Invalid(rule)
    };
    if key.is_empty() || key.len() > LONGEST_KEY || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(invalid());
    }
    let escaped = key.replace('\\', r"\\").replace('"', r#"\""#);
    HeaderValue::from_str(&format!("\"{escaped}\"")).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{key_header, new_key};

    #[rstest]
    #[case("order-17", r#""order-17""#)]
    #[case(r#"a"b\c"#, r#""a\"b\\c""#)]
    fn a_key_is_written_as_a_string(#[case] key: &str, #[case] written: &str) {
        assert_eq!(key_header(key).unwrap(), written);
    }

    #[rstest]
    #[case("")]
    #[case("a b")]
    #[case("é")]
    #[case("a\r\nx: y")]
    #[case(&"a".repeat(256))]
    fn a_key_that_is_none_is_refused(#[case] key: &str) {
        assert!(key_header(key).is_err());
    }

    #[test]
    fn no_two_keys_are_the_same() {
        assert_ne!(new_key(), new_key());
        assert_eq!(new_key().len(), 32);
        assert!(key_header(&"a".repeat(255)).is_ok());
    }
}
