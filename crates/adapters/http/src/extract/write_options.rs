use actix_web::HttpRequest;
use actix_web::http::header;
use sha2::{Digest, Sha256};
use users_use_cases::{Caller, IdempotentRequest, WriteMode};

use super::dry_run::dry_run;
use super::{IdempotencyKey, Preferences};
use crate::problem::Problem;

/// What a write says of how it is meant, read before its body.
pub struct WriteOptions {
    dry_run: bool,
    key: Option<IdempotencyKey>,
}

impl WriteOptions {
    /// Reads `?dry_run=` and `Idempotency-Key`.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        Ok(Self { dry_run: dry_run(request.query_string())?, key: IdempotencyKey::of(request.headers())? })
    }

    /// Decides how to carry out the write that `caller` asks for. A dry run has no effect to repeat, so its key is ignored.
    pub fn into_mode(self, request: &HttpRequest, caller: &Caller, body: &[u8]) -> WriteMode {
        let key = match self {
            Self { dry_run: true, .. } => return WriteMode::DryRun,
            Self { key: None, .. } => return WriteMode::Real,
            Self { key: Some(key), .. } => key.into_string(),
        };
        WriteMode::Once(IdempotentRequest {
            caller: caller.id().to_owned(),
            is_self_service: caller.may_set().is_some(),
            key,
            fingerprint: fingerprint(request, body),
        })
    }
}

/// The hash of everything that decides what a write does: its method, path and query, the type of its body, its conditions,
/// whether it is lenient, and the body itself.
fn fingerprint(request: &HttpRequest, body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    // The length goes before each part, so that no two lists of parts come to the same bytes.
    let mut part = |bytes: &[u8]| {
        hash.update(bytes.len().to_be_bytes());
        hash.update(bytes);
    };
    part(request.method().as_str().as_bytes());
    part(request.uri().path().as_bytes());
    part(request.query_string().as_bytes());
    for name in [header::CONTENT_TYPE, header::IF_MATCH, header::IF_NONE_MATCH, header::IF_UNMODIFIED_SINCE] {
        let lines: Vec<_> = request.headers().get_all(name).collect();
        part(&lines.len().to_be_bytes());
        for line in lines {
            part(line.as_bytes());
        }
    }
    part(&[u8::from(Preferences::of(request.headers()).lenient)]);
    part(body);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use actix_web::http::Method;
    use actix_web::test::TestRequest;
    use users_testkit::token_record;
    use users_use_cases::{Caller, WriteMode};

    use super::{WriteOptions, fingerprint};

    fn request(method: Method, uri: &str, headers: &[(&'static str, &'static str)]) -> TestRequest {
        let request = TestRequest::default().method(method).uri(uri);
        headers.iter().fold(request, |request, header| request.append_header(*header))
    }

    #[test]
    fn whatever_decides_on_the_effect_is_in_the_fingerprint() {
        const PUT: Method = Method::PUT;
        let requests = [
            (request(PUT, "/v1/users/a", &[]), "{}"),
            (request(Method::PATCH, "/v1/users/a", &[]), "{}"),
            (request(PUT, "/v1/users/b", &[]), "{}"),
            (request(PUT, "/v1/users/a?x", &[]), "{}"),
            (request(PUT, "/v1/users/a", &[("content-type", "application/json")]), "{}"),
            (request(PUT, "/v1/users/a", &[("if-match", "\"x\"")]), "{}"),
            (request(PUT, "/v1/users/a", &[("if-match", "\"x\""), ("if-match", "\"y\"")]), "{}"),
            (request(PUT, "/v1/users/a", &[("if-none-match", "\"x\"")]), "{}"),
            (request(PUT, "/v1/users/a", &[("if-unmodified-since", "\"x\"")]), "{}"),
            (request(PUT, "/v1/users/a", &[("prefer", "handling=lenient")]), "{}"),
            (request(PUT, "/v1/users/a", &[]), "{} "),
        ];
        let count = requests.len();
        let prints =
            requests.into_iter().map(|(it, body)| fingerprint(&it.to_http_request(), body.as_bytes()));
        assert_eq!(prints.collect::<HashSet<_>>().len(), count);
    }

    #[test]
    fn what_does_not_decide_on_it_is_not() {
        let [one, other] = ["1", "2"].map(|id| {
            let headers = [("x-request-id", id), ("authorization", id), ("idempotency-key", id)];
            fingerprint(&request(Method::PUT, "/v1/users/a", &headers).to_http_request(), b"{}")
        });
        assert_eq!(one, other);
    }

    #[test]
    fn a_dry_run_ignores_the_key_and_a_key_belongs_to_its_caller() {
        let mode = |uri, headers: &[_], caller| {
            let caller = Caller::token(&token_record(caller));
            let request = request(Method::PUT, uri, headers).to_http_request();
            WriteOptions::of(&request).unwrap().into_mode(&request, &caller, b"{}")
        };
        assert_eq!(mode("/v1/users/a", &[], "t1"), WriteMode::Real);
        let key = ("idempotency-key", "k");
        assert_eq!(mode("/v1/users/a?dry_run=true", &[key], "t1"), WriteMode::DryRun);
        let request = |caller| match mode("/v1/users/a", &[key], caller) {
            WriteMode::Once(request) => request,
            other => panic!("{other:?}"),
        };
        assert_eq!((request("t1").caller, request("t1").key), ("t1".to_owned(), "k".to_owned()));
        assert_eq!(request("t1").fingerprint, request("t2").fingerprint);
    }
}
