use actix_web::HttpMessage;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::mime::CHARSET;

use crate::problem::{ErrorCode, Problem};

/// Refuses a body that is not JSON, or not sent as it is.
///
/// A request without `Content-Type` is taken at its word that the body is what this service reads. JSON is always in
/// UTF-8 (RFC 8259, section 8.1), so another `charset` is refused. Content codings are refused as well: no body is small
/// when compressed and large when not.
pub fn require_json(request: &impl HttpMessage) -> Result<(), Problem> {
    if !is_plain(request.headers()) {
        let detail = "The body must be sent without a Content-Encoding.";
        let problem = Problem::new(ErrorCode::UnsupportedMediaType, detail);
        return Err(problem.with_header(header::ACCEPT_ENCODING, HeaderValue::from_static("identity")));
    }
    if is_json(request) {
        return Ok(());
    }
    let problem =
        Problem::new(ErrorCode::UnsupportedMediaType, "The body must be application/json, in UTF-8.");
    Err(problem.with_header(header::ACCEPT, HeaderValue::from_static("application/json")))
}

fn is_json(request: &impl HttpMessage) -> bool {
    let mut lines = request.headers().get_all(header::CONTENT_TYPE);
    match (lines.next(), lines.next()) {
        (None, _) => true,
        (Some(_), Some(_)) => false,
        (Some(line), None) if line == "application/json" => true,
        (Some(_), None) => request.mime_type().ok().flatten().is_some_and(|mime| {
            let charset = mime.get_param(CHARSET);
            mime.essence_str() == "application/json"
                && charset.is_none_or(|charset| charset.as_str().eq_ignore_ascii_case("utf-8"))
        }),
    }
}

fn is_plain(headers: &HeaderMap) -> bool {
    headers.get_all(header::CONTENT_ENCODING).all(|line| {
        let mut codings = line.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        codings.all(|coding| coding.is_empty() || coding.eq_ignore_ascii_case(b"identity"))
    })
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use rstest::rstest;

    use super::require_json;

    #[rstest]
    #[case::plain("application/json")]
    #[case::any_case("Application/JSON")]
    #[case::charset("application/json; charset=utf-8")]
    #[case::charset_in_any_case("application/json;charset=\"UTF-8\"")]
    #[case::other_parameter("application/json; profile=x")]
    fn json_is_taken(#[case] content_type: &str) {
        let request = TestRequest::default().insert_header(("content-type", content_type)).to_http_request();
        assert!(require_json(&request).is_ok());
    }

    #[rstest]
    #[case::empty("")]
    #[case::no_type("json")]
    #[case::text("text/plain")]
    #[case::patch("application/merge-patch+json")]
    #[case::form("application/x-www-form-urlencoded")]
    #[case::charset("application/json; charset=iso-8859-1")]
    #[case::charset_utf_16("application/json; charset=utf-16")]
    fn anything_else_is_refused(#[case] content_type: &str) {
        let request = TestRequest::default().insert_header(("content-type", content_type)).to_http_request();
        assert!(require_json(&request).is_err());
    }

    #[test]
    fn no_type_is_taken_and_two_are_not() {
        assert!(require_json(&TestRequest::default().to_http_request()).is_ok());
        let json = ("content-type", "application/json");
        let two = TestRequest::default().append_header(json).append_header(json).to_http_request();
        assert!(require_json(&two).is_err());
    }

    #[rstest]
    #[case("identity", true)]
    #[case("Identity, identity", true)]
    #[case("", true)]
    #[case("gzip", false)]
    #[case("identity, br", false)]
    fn content_codings_are_refused(#[case] coding: &str, #[case] taken: bool) {
        let request = TestRequest::default().insert_header(("content-encoding", coding)).to_http_request();
        assert_eq!(require_json(&request).is_ok(), taken);
    }
}
