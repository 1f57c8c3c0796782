//! `GET /v1/users`: lists users, page by page.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use users_domain::{PageBounds, User};
use users_use_cases::Listing;

use super::answer::{USUAL_SIZE, UserBody, applied};
use super::cursor::cursor_at;
use crate::Services;
use crate::extract::{
    Authorized, FromAuthorized, ListParameter, ListQuery, Preferences, Read, SentParameters, read_body,
    require_json,
};
use crate::problem::Problem;

/// A page of the list that is allowed and valid.
pub struct ListRequest {
    wanted: ListQuery,
    preferences: Preferences,
}

/// Gives a page, and where the next one begins.
///
/// No cache may keep it: a page has no version by which it could be asked for again.
pub async fn list_users(
    services: web::Data<Services>,
    request: Authorized<Read, ListRequest>,
) -> Result<HttpResponse, Problem> {
    let ListRequest { wanted, preferences } = request.into_inner();
    let ListQuery { query, include_total, sent } = wanted;
    let listing = services.list_users.execute(&query, include_total).await?;
    let last = listing.page.users.last().filter(|_| listing.page.has_more);
    let next = last.map(|last| cursor_at(query.direction, last.id()));
    let mut response = answer(&listing, next.as_deref(), query.bounds)?;
    if let Some(next) = next {
        response.headers_mut().insert(header::LINK, link_to_next(&sent, &next)?);
    }
    Ok(applied(response, preferences))
}

impl FromAuthorized for ListRequest {
    async fn read(request: &HttpRequest, payload: Payload) -> Result<Self, Problem> {
        let sent = match request.query_string() {
            "" => sent_as_body(request, payload).await?,
            query => SentParameters::of_query(query),
        };
        let preferences = Preferences::of(request.headers());
        Ok(Self { wanted: ListQuery::of(sent, preferences)?, preferences })
    }
}

/// The documented sample sends its parameters as a body, which a GET may have (RFC 9110, section 9.3.1).
async fn sent_as_body(request: &HttpRequest, payload: Payload) -> Result<SentParameters, Problem> {
    let body = read_body(request, payload).await?;
    if body.is_empty() {
        return Ok(SentParameters::default());
    }
    require_json(request)?;
    SentParameters::of_json(&body)
}

/// A page on the wire.
#[derive(Serialize)]
struct PageBody<'a> {
    users: Vec<UserBody<'a>>,
    has_more: bool,
    next_cursor: Option<&'a str>,
    pagination: Pagination,
}

/// Which page it is.
#[derive(Serialize)]
struct Pagination {
    limit: i64,
    offset: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
}

fn answer(listing: &Listing, next: Option<&str>, bounds: PageBounds) -> Result<HttpResponse, Problem> {
    let users: &[User] = &listing.page.users;
    let body = PageBody {
        users: users.iter().map(UserBody::from).collect(),
        has_more: listing.page.has_more,
        next_cursor: next,
        pagination: Pagination { limit: bounds.limit(), offset: bounds.offset(), total: listing.total },
    };
    let mut json = Vec::with_capacity(USUAL_SIZE * (users.len() + 1));
    serde_json::to_writer(&mut json, &body)
        .map_err(|error| Problem::internal(format!("a page cannot be written as JSON: {error}")))?;
    let mut response = HttpResponse::new(StatusCode::OK).set_body(json).map_into_boxed_body();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// All that may not stand in a query as it is (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The link to the next page (RFC 8288): the same parameters with the new cursor in place of the old one or of the
/// offset.
fn link_to_next(sent: &[(ListParameter, String)], cursor: &str) -> Result<HeaderValue, Problem> {
    let mut link = String::from("</v1/users?");
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
        link_to_next(&sent, "c-_1").unwrap().to_str().unwrap().to_owned()
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
            prop_assert_eq!(SentParameters::of_query(query.unwrap()).known, expected);
        }
    }
}
