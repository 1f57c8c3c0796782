//! Sends requests, and sends them again where that can help.

use std::time::Duration;

use rand::random_range;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, Request, Url};
use serde::Serialize;
use tokio::time::{Instant, sleep};

use crate::answer::Answer;
use crate::{Error, RetryPolicy};

/// `application/json`.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What every call shares: the HTTP library with the token in it, where the service is, and how patient to be.
#[derive(Clone, Debug)]
pub(crate) struct Transport {
    pub(crate) http: reqwest::Client,
    pub(crate) base: Url,
    pub(crate) timeout: Duration,
    pub(crate) retry: RetryPolicy,
    /// The header `traceparent` of every request.
    pub(crate) traceparent: Option<HeaderValue>,
}

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

impl Transport {
    /// A request without a body, to a path below the base URL.
    pub(crate) fn request(&self, method: Method, path: &[&str]) -> Request {
        let mut url = self.base.clone();
        // Only a URL that cannot be a base has no path, and the builder has refused those.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        let request = Request::new(method, url);
        match &self.traceparent {
            Some(traceparent) => with_header(request, TRACEPARENT, traceparent.clone()),
            None => request,
        }
    }

    /// A request to the path of a user.
    pub(crate) fn user_request(&self, method: Method, id: &str) -> Result<Request, Error> {
        // These would be taken for another path; the service would make no user of that id either.
        if matches!(id, "" | "." | ".." | "bulk" | "count" | "search") {
            return Err(Error::Invalid(format!("no user can have the id {id:?}")));
        }
        Ok(self.request(method, &["v1", "users", id]))
    }

    /// Sends a request as often as the policy says, until there is an answer that another attempt would not better.
    pub(crate) async fn send(&self, request: &Request, retry: &RetryPolicy) -> Result<Answer, Error> {
        let start = Instant::now();
        let mut failures = 0;
        loop {
            let error = match self.attempt(request, retry.remaining(start.elapsed())).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            failures += 1;
            let pause = retry.pause(failures, start.elapsed(), error.retry_after());
            let Some(pause) = pause.filter(|_| error.is_transient()) else { return Err(error) };
            let pause = random_range(pause);
            tracing::debug!(failures, pause_ms = pause.as_millis(), "a request is sent again: {error}");
            sleep(pause).await;
        }
    }

    async fn attempt(&self, request: &Request, remaining: Duration) -> Result<Answer, Error> {
        let mut request =
            request.try_clone().ok_or_else(|| Error::Invalid("the body cannot be sent twice".to_owned()))?;
        *request.timeout_mut() = Some(self.timeout.min(remaining));
        let response = self.http.execute(request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await?.into();
        Answer { status, headers, body }.or_error()
    }
}

/// Gives a request a JSON body of this media type.
pub(crate) fn with_json(
    mut request: Request,
    media_type: HeaderValue,
    body: &impl Serialize,
) -> Result<Request, Error> {
    let json = serde_json::to_vec(body).map_err(|error| Error::Invalid(error.to_string()))?;
    *request.body_mut() = Some(json.into());
    Ok(with_header(request, CONTENT_TYPE, media_type))
}

/// Gives a request a header, in place of those of this name.
pub(crate) fn with_header(mut request: Request, name: HeaderName, value: HeaderValue) -> Request {
    request.headers_mut().insert(name, value);
    request
}
