use std::borrow::Cow;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use percent_encoding::percent_decode_str;
use serde_json::value::RawValue;
use users_domain::{BrokenRule, RuleCode};

use super::json_object::{duplicate, members};
use super::json_part::JsonPart;
use super::member_value::text;
use super::{ListParameter, read_body, require_json};
use crate::problem::{FieldError, Problem, pointer_to};

/// The parameters of a read of many users as they were sent, in the query or as a body: text that nobody has looked at yet.
#[derive(Debug, Default)]
pub struct SentParameters {
    /// Parameters that there are, each once, in the order in which they were sent.
    pub known: Vec<(ListParameter, String)>,
    /// The names of others, in the order in which they were sent.
    pub unknown: Vec<String>,
    /// What is wrong with some of them, each with its parameter.
    pub faults: Vec<(ListParameter, FieldError)>,
}

impl SentParameters {
    /// Reads those of `these` that the request has: in its query or, where it has none, in its body.
    ///
    /// The documented sample sends them as a body, which a GET may have (RFC 9110, section 9.3.1).
    pub async fn of(
        request: &HttpRequest,
        payload: Payload,
        these: &[ListParameter],
    ) -> Result<Self, Problem> {
        if !request.query_string().is_empty() {
            return Ok(Self::of_query(request.query_string(), these));
        }
        let body = read_body(request, payload).await?;
        if body.is_empty() {
            return Ok(Self::default());
        }
        require_json(request)?;
        Self::of_json(&body, these)
    }

    /// Reads a query, coded as a form is (WHATWG URL, section 5): with `+` for a blank.
    pub fn of_query(query: &str, these: &[ListParameter]) -> Self {
        let mut sent = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decoded(name).unwrap_or_else(|| name.to_owned());
            let Some(parameter) = ListParameter::among(these, &name) else {
                sent.unknown.push(name);
                continue;
            };
            match decoded(value) {
                None => {
                    sent.fault(parameter, RuleCode::InvalidFormat.as_str(), "must be UTF-8, percent-encoded");
                }
                Some(_) if sent.has(parameter) => {
                    sent.fault(parameter, "DUPLICATE_PARAMETER", "must not stand twice");
                }
                Some(value) => sent.known.push((parameter, value)),
            }
        }
        sent
    }

    /// Reads a body: an object whose members are the parameters. One that is null was not sent.
    pub fn of_json(body: &[u8], these: &[ListParameter]) -> Result<Self, Problem> {
        let mut sent = Self::default();
        let mut seen = Vec::new();
        for (name, value) in members(JsonPart::body(body))? {
            let Some(parameter) = ListParameter::among(these, &name) else {
                sent.unknown.push(name.into_owned());
                continue;
            };
            if seen.contains(&parameter) {
                return Err(duplicate(&name));
            }
            seen.push(parameter);
            match value_text(parameter, value) {
                Ok(value) => sent.known.extend(value.map(|value| (parameter, value))),
                Err(rule) => sent.fault(parameter, rule.code().as_str(), rule.detail()),
            }
        }
        Ok(sent)
    }

    fn has(&self, parameter: ListParameter) -> bool {
        self.known.iter().any(|(known, _)| *known == parameter)
    }

    fn fault(&mut self, parameter: ListParameter, code: &'static str, detail: &str) {
        let pointer = pointer_to(parameter.name());
        self.faults.push((parameter, FieldError { pointer, code, detail: detail.to_owned() }));
    }
}

/// What stands for the value in a query: a number or a truth value is written there as in JSON.
fn value_text(parameter: ListParameter, value: &RawValue) -> Result<Option<String>, BrokenRule> {
    match text(value) {
        Err(rule) if rule.code() == RuleCode::InvalidType && !parameter.is_text() => {
            Ok(Some(value.get().to_owned()))
        }
        read => read.map(|change| change.set().cloned()),
    }
}

/// The text that a part of a query stands for; `None` where it is not UTF-8.
fn decoded(part: &str) -> Option<String> {
    let blanks = part.replace('+', " ");
    percent_decode_str(&blanks).decode_utf8().ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::SentParameters;
    use crate::extract::ListParameter;

    fn told(sent: &SentParameters) -> String {
        let known = sent.known.iter().map(|(parameter, value)| format!("{}={value}", parameter.name()));
        let unknown = sent.unknown.iter().map(|name| format!("?{name}"));
        let faults = sent.faults.iter().map(|(_, error)| format!("{} {}", error.pointer, error.code));
        known.chain(unknown).chain(faults).collect::<Vec<_>>().join(", ")
    }

    #[rstest]
    #[case("", "")]
    #[case("&&", "")]
    #[case("limit=5&country=DE", "limit=5, country=DE")]
    #[case("%6Cimit=%35", "limit=5")]
    #[case("organization=A+%26+B%2B", "organization=A & B+")]
    #[case("organization=%C3%A9=x", "organization=é=x")]
    #[case("limit", "limit=")]
    #[case("limit=", "limit=")]
    #[case("organization=100%", "organization=100%")]
    #[case("Limit=5&=5&x%FF=1", "?Limit, ?, ?x%FF")]
    #[case("limit=1&limit=2", "limit=1, /limit DUPLICATE_PARAMETER")]
    #[case("email=%FF", "/email INVALID_FORMAT")]
    fn a_query_is_read(#[case] query: &str, #[case] expected: &str) {
        assert_eq!(told(&SentParameters::of_query(query, &ListParameter::OF_LIST)), expected);
    }

    #[rstest]
    #[case("{}", "")]
    #[case(r#"{"limit":10,"offset":0,"order_direction":"asc"}"#, "limit=10, offset=0, order_direction=asc")]
    #[case(
        r#"{"limit":"10","active":true,"include_total":"false"}"#,
        "limit=10, active=true, include_total=false"
    )]
    #[case(r#"{"limit":null,"organization":"a\nb","x":1}"#, "organization=a\nb, ?x")]
    #[case(r#"{"limit":[1],"offset":1.0}"#, "limit=[1], offset=1.0")]
    #[case(r#"{"email":"\ud800"}"#, "/email INVALID_FORMAT")]
    #[case(
        r#"{"username":8,"order_direction":true}"#,
        "/username INVALID_TYPE, /order_direction INVALID_TYPE"
    )]
    fn a_body_is_read(#[case] body: &str, #[case] expected: &str) {
        assert_eq!(
            told(&SentParameters::of_json(body.as_bytes(), &ListParameter::OF_LIST).unwrap()),
            expected
        );
    }

    #[rstest]
    #[case("{", 400)]
    #[case(r#"{"limit":1,"limit":1}"#, 400)]
    #[case(r#"{"limit":null,"limit":1}"#, 400)]
    #[case("[]", 422)]
    fn a_body_that_is_none_is_refused(#[case] body: &str, #[case] status: u16) {
        let problem = SentParameters::of_json(body.as_bytes(), &ListParameter::OF_LIST).unwrap_err();
        assert_eq!(problem.code().status().as_u16(), status);
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_read(organization: String, email in ".{0,20}") {
            let query = format!(
                "organization={}&email={}",
                percent_encoding::utf8_percent_encode(&organization, percent_encoding::NON_ALPHANUMERIC),
                percent_encoding::utf8_percent_encode(&email, percent_encoding::NON_ALPHANUMERIC),
            );
            let expected = vec![(ListParameter::Organization, organization), (ListParameter::Email, email)];
            prop_assert_eq!(SentParameters::of_query(&query, &ListParameter::OF_LIST).known, expected);
        }

        #[test]
        fn no_query_and_no_body_makes_it_panic(query in ".{0,60}", body in prop::collection::vec(any::<u8>(), 0..60)) {
            SentParameters::of_query(&query, &ListParameter::OF_LIST);
            let _ = SentParameters::of_json(&body, &ListParameter::OF_LIST);
        }
    }
}
