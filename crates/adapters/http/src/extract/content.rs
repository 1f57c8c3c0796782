use super::MediaType;
use crate::problem::{ErrorCode, Problem};
use actix_web::HttpMessage;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// `Accept-Patch` (RFC 5789, section 3.1).
pub const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");
/// The types that the body of a PATCH may have.
pub const PATCH_TYPES: &str = "application/merge-patch+json, application/json-patch+json";

/// Refuses a body that is not JSON, or not sent as it is.
///
/// A request without `Content-Type` is taken at its word that the body is what this service reads. JSON is always in
/// UTF-8 and `charset` has no effect on it (RFC 8259, section 11), so a label of UTF-8 or of ASCII is accepted, and that of
/// another encoding rejected. Content codings are rejected as well: no body is small when compressed and large when not.
pub fn require_json(request: &impl HttpMessage) -> Result<(), Problem> {
    require_plain(request)?;
    if is_json(request) {
        return Ok(());
    }
    let problem =
        Problem::new(ErrorCode::UnsupportedMediaType, "The body must be application/json, in UTF-8.");
    Err(problem.with_header(header::ACCEPT, HeaderValue::from_static("application/json")))
}

/// How the body of a PATCH says what is to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchFormat {
    /// `application/merge-patch+json` (RFC 7396).
    Merge,
    /// `application/json-patch+json` (RFC 6902).
    Json,
}

impl PatchFormat {
    /// Reads the format from the body's type, which must be told: the same bytes mean different things in different
    /// formats.
    pub fn of(request: &impl HttpMessage) -> Result<Self, Problem> {
        require_plain(request).map_err(with_patch_types)?;
        let alone = request.headers().get_all(header::CONTENT_TYPE).count() == 1;
        let essence = if alone { essence_in_utf_8(request) } else { None };
        match essence.as_deref() {
            Some("application/merge-patch+json") => Ok(Self::Merge),
            Some("application/json-patch+json") => Ok(Self::Json),
            _ => Err(not_a_patch()),
        }
    }
}

fn not_a_patch() -> Problem {
    let detail = "The body must be application/merge-patch+json or application/json-patch+json, in UTF-8.";
    let problem = Problem::new(ErrorCode::UnsupportedMediaType, detail);
    with_patch_types(problem.with_header(header::ACCEPT, HeaderValue::from_static(PATCH_TYPES)))
}

/// Tells besides what a PATCH of the same path may be written in (RFC 5789, section 3.1): whoever sends a patch by
/// another method may have meant that one.
pub fn with_patch_types(refusal: Problem) -> Problem {
    refusal.with_header(ACCEPT_PATCH, HeaderValue::from_static(PATCH_TYPES))
}

fn require_plain(request: &impl HttpMessage) -> Result<(), Problem> {
    if is_plain(request.headers()) {
        return Ok(());
    }
    let detail = "The body must be sent without a Content-Encoding.";
    let problem = Problem::new(ErrorCode::UnsupportedMediaType, detail);
    Err(problem.with_header(header::ACCEPT_ENCODING, HeaderValue::from_static("identity")))
}

fn is_json(request: &impl HttpMessage) -> bool {
    let mut lines = request.headers().get_all(header::CONTENT_TYPE);
    match (lines.next(), lines.next()) {
        (None, _) => true,
        (Some(_), Some(_)) => false,
        (Some(line), None) if line == "application/json" => true,
        (Some(_), None) => essence_in_utf_8(request).is_some_and(|essence| essence == "application/json"),
    }
}

/// The body's type without its parameters, of which `charset` says UTF-8 if anything.
fn essence_in_utf_8(request: &impl HttpMessage) -> Option<String> {
    let line = request.headers().get(header::CONTENT_TYPE)?;
    let media_type = MediaType::parse(line.to_str().ok()?)?;
    media_type.is_utf_8().then_some(media_type.essence)
}

fn is_plain(headers: &HeaderMap) -> bool {
    headers.get_all(header::CONTENT_ENCODING).all(|line| {
        let mut codings = line.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        codings.all(|coding| coding.is_empty() || coding.eq_ignore_ascii_case(b"identity"))
    })
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{self, HeaderValue};
    use actix_web::test::TestRequest;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{PatchFormat, require_json};
    use crate::problem::ErrorCode;

    #[rstest]
    #[case::plain("application/json")]
    #[case::any_case("Application/JSON")]
    #[case::charset("application/json; charset=utf-8")]
    #[case::charset_in_any_case("application/json;charset=\"UTF-8\"")]
    #[case::other_parameter("application/json; profile=x")]
    #[case::space_before("application/json ; charset=utf-8")]
    #[case::tab("application/json;\tcharset=utf-8")]
    #[case::empty_parameter("application/json;;charset=utf-8;")]
    #[case::no_hyphen("application/json; charset=utf8")]
    #[case::ascii("application/json; charset=us-ascii")]
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
    #[case::one_of_two_charsets("application/json; charset=utf-8; charset=latin1")]
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
    #[case::merge(&["application/merge-patch+json"], Some(PatchFormat::Merge))]
    #[case::json(&["Application/JSON-Patch+JSON; charset=UTF-8"], Some(PatchFormat::Json))]
    #[case::white_space(&["application/merge-patch+json ;\tcharset=utf8;"], Some(PatchFormat::Merge))]
    #[case::none(&[], None)]
    #[case::empty(&[""], None)]
    #[case::plain_json(&["application/json"], None)]
    #[case::charset(&["application/json-patch+json; charset=utf-16"], None)]
    #[case::two(&["application/json-patch+json", "application/json-patch+json"], None)]
    fn a_patch_tells_its_format(#[case] lines: &[&str], #[case] expected: Option<PatchFormat>) {
        let request = lines
            .iter()
            .fold(TestRequest::default(), |request, line| request.append_header(("content-type", *line)));
        assert_eq!(PatchFormat::of(&request.to_http_request()).ok(), expected);
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

    proptest! {
        #[test]
        fn no_type_makes_it_panic_and_none_is_taken_for_another(
            bytes in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..60),
                r#"[Aa]pplication/(json|JSON|merge-patch\+json|json-patch\+json|x)(; ?charset=("(utf-8|UTF-8|utf-7)?"|(utf-8|UTF-8|utf-7)?))?(; ?q=(1|"1"))?"#
                    .prop_map(String::into_bytes),
            ]
        ) {
            let Ok(value) = HeaderValue::from_bytes(&bytes) else { return Ok(()) };
            let request = TestRequest::default().insert_header((header::CONTENT_TYPE, value)).to_http_request();
            let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
            let other = text.replace('"', "").contains("charset=utf-7");
            let says = |kind: &str| text.trim().starts_with(kind) && !other;
            match require_json(&request) {
                Ok(()) => prop_assert!(says("application/json"), "{}", text),
                Err(problem) => prop_assert_eq!(problem.code(), ErrorCode::UnsupportedMediaType),
            }
            match PatchFormat::of(&request) {
                Ok(PatchFormat::Merge) => prop_assert!(says("application/merge-patch+json"), "{}", text),
                Ok(PatchFormat::Json) => prop_assert!(says("application/json-patch+json"), "{}", text),
                Err(problem) => prop_assert_eq!(problem.code(), ErrorCode::UnsupportedMediaType),
            }
        }
    }
}
