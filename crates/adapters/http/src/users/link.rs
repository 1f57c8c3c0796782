use actix_web::http::header::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::extract::ListParameter;
use crate::problem::Problem;

/// All that may not stand in a query as it is (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The link to the next page of `path` (RFC 8288): the same parameters with the new cursor in place of the old one or of
/// the offset.
pub fn link_to_next(
    path: &str,
    sent: &[(ListParameter, String)],
    cursor: &str,
) -> Result<HeaderValue, Problem> {
    let mut link = format!("<{path}?");
    let replaced = [ListParameter::Cursor, ListParameter::Offset];
    for (parameter, value) in sent.iter().filter(|(parameter, _)| !replaced.contains(parameter)) {
        link.extend([parameter.name(), "="]);
        link.extend(utf8_percent_encode(value, RESERVED));
        link.push('&');
    }
    link.extend([ListParameter::Cursor.name(), "=", cursor, ">; rel=\"next\""]);
    HeaderValue::try_from(link).map_err(|_| Problem::internal("a link holds what no header can"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::link_to_next;
    use crate::extract::{ListParameter, SentParameters};

    fn link(sent: &[(ListParameter, &str)]) -> String {
        let sent: Vec<_> = sent.iter().map(|(parameter, value)| (*parameter, (*value).to_owned())).collect();
        link_to_next("/v1/users", &sent, "c-_1").unwrap().to_str().unwrap().to_owned()
    }

    #[test]
    fn the_link_has_the_parameters_and_the_new_cursor() {
        assert_eq!(link(&[]), r#"</v1/users?cursor=c-_1>; rel="next""#);
        let sent = [
            (ListParameter::Offset, "5"),
            (ListParameter::Organization, "A & B>, \"é\""),
            (ListParameter::Cursor, "old"),
            (ListParameter::Limit, "7"),
        ];
        let expected =
            r#"</v1/users?organization=A%20%26%20B%3E%2C%20%22%C3%A9%22&limit=7&cursor=c-_1>; rel="next""#;
        assert_eq!(link(&sent), expected);
    }

    proptest! {
        #[test]
        fn what_stands_in_the_link_is_read_as_it_was_sent(value: String) {
            let link = link(&[(ListParameter::Organization, &value)]);
            let query = link.strip_prefix("</v1/users?").and_then(|rest| rest.strip_suffix(r#">; rel="next""#));
            let expected =
                vec![(ListParameter::Organization, value), (ListParameter::Cursor, "c-_1".to_owned())];
            prop_assert_eq!(SentParameters::of_query(query.unwrap(), &ListParameter::OF_LIST).known, expected);
        }
    }
}
