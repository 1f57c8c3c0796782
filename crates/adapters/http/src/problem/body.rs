use std::borrow::Cow;

use serde::{Serialize, Serializer};

use super::{Checks, ErrorCode};
use crate::PublicUrl;

/// One rule that the request breaks, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The place in the body, as a JSON pointer (RFC 6901), or the parameter, as if it were a member of a body; empty
    /// for the whole.
    pub pointer: String,
    /// The kind of rule.
    pub code: &'static str,
    /// What would be accepted; never what was sent.
    pub detail: String,
}

impl FieldError {
    /// The same below `pointer`.
    #[must_use]
    pub fn below(self, pointer: &str) -> Self {
        Self { pointer: format!("{pointer}{}", self.pointer), ..self }
    }
}

/// The body of a refusal (RFC 9457, section 3).
#[derive(Serialize)]
pub struct ProblemBody<'a> {
    #[serde(rename = "type")]
    kind: Reference<'a>,
    title: &'static str,
    status: u16,
    detail: &'a str,
    instance: Cow<'a, str>,
    code: &'static str,
    /// The same as `detail`, under the name that existing clients of this interface read.
    message: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(skip_serializing_if = "Option::is_none")]
    checks: Option<Checks>,
}

impl<'a> ProblemBody<'a> {
    /// The body that tells of `code` happening at `instance`: a path, or an item of what was sent to it.
    pub fn new(
        code: ErrorCode,
        detail: &'a str,
        instance: impl Into<Cow<'a, str>>,
        request_id: &'a str,
        errors: &'a [FieldError],
    ) -> Self {
        let (title, status) = (code.title(), code.status().as_u16());
        Self {
            kind: Reference { code, public_url: None },
            title,
            status,
            detail,
            instance: instance.into(),
            code: code.name(),
            message: detail,
            request_id,
            errors,
            checks: None,
        }
    }

    /// The same with its type as a URL of the service that is reached below `public_url`.
    #[must_use]
    pub fn below(self, public_url: &'a PublicUrl) -> Self {
        Self { kind: Reference { public_url: Some(public_url), ..self.kind }, ..self }
    }

    /// The same with the state of each thing that the service depends on.
    #[must_use]
    pub fn with_checks(self, checks: Option<Checks>) -> Self {
        Self { checks, ..self }
    }

    /// The body as JSON.
    pub fn to_json(&self) -> Vec<u8> {
        // Strings and numbers alone: there is nothing that could fail to be written.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// Leads to the page that the service itself serves; a relative reference (RFC 9457, section 3.1.1, permits one) if
/// nothing is known of a public URL.
struct Reference<'a> {
    code: ErrorCode,
    public_url: Option<&'a PublicUrl>,
}

impl Serialize for Reference<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let page = "/docs/errors";
        match self.public_url {
            Some(url) => serializer.collect_str(&format_args!("{}#{}", url.of_path(page), self.code.name())),
            None => serializer.collect_str(&format_args!("{page}#{}", self.code.name())),
        }
    }
}

/// Writes `name` as one step of a JSON pointer (RFC 6901, section 3) below the whole document.
pub fn pointer_to(name: &str) -> String {
    let mut pointer = String::with_capacity(name.len() + 1);
    pointer.push('/');
    for character in name.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::pointer_to;

    #[test]
    fn a_pointer_escapes_what_it_must() {
        assert_eq!(pointer_to("email"), "/email");
        assert_eq!(pointer_to("a/b~c"), "/a~1b~0c");
        assert_eq!(pointer_to(""), "/");
        assert_eq!(pointer_to("~1"), "/~01");
    }
}
