//! `GET /v1/users/search`: finds users by what one of their texts begins with, page by page.

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use users_domain::User;
use users_use_cases::Caller;

use super::answer::{USUAL_SIZE, answer_json, applied};
use super::etags::Etags;
use super::link::link_to_next;
use super::search_cursor::cursor_at;
use crate::extract::{
    Authorized, FromAuthorized, ListParameter, Preferences, Read, SearchParameters, SentParameters,
};
use crate::problem::Problem;
use crate::{PublicUrl, Services};

/// A page of a search that is allowed and valid.
pub struct SearchRequest {
    wanted: SearchParameters,
    preferences: Preferences,
}

/// A page on the wire.
#[derive(Serialize)]
struct PageBody<'a> {
    users: &'a [User],
    has_more: bool,
    next_cursor: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    etags: Option<Etags<'a>>,
}

/// Gives a page, and where the next one begins. As with the list, no cache may keep it.
pub async fn search_users(
    services: web::Data<Services>,
    public_url: web::Data<PublicUrl>,
    Authorized { caller, request, .. }: Authorized<Read, SearchRequest>,
) -> Result<HttpResponse, Problem> {
    let SearchRequest { wanted, preferences } = request;
    let SearchParameters { query, include_etags, sent } = wanted;
    let page = services.search_users.execute(&caller, &query).await?;
    let next = page.next.as_ref().map(cursor_at);
    let mut response = answer(&page.users, next.as_deref(), include_etags)?;
    if let Some(next) = next {
        response
            .headers_mut()
            .insert(header::LINK, link_to_next(&public_url.of_path("/v1/users/search"), &sent, &next)?);
    }
    Ok(applied(response, preferences))
}

impl FromAuthorized for SearchRequest {
    async fn read(request: &HttpRequest, _: &Caller, payload: Payload) -> Result<Self, Problem> {
        let sent = SentParameters::of(request, payload, &ListParameter::OF_SEARCH).await?;
        let preferences = Preferences::of(request.headers());
        Ok(Self { wanted: SearchParameters::of(sent, preferences)?, preferences })
    }
}

fn answer(users: &[User], next_cursor: Option<&str>, include_etags: bool) -> Result<HttpResponse, Problem> {
    let body = PageBody {
        users,
        has_more: next_cursor.is_some(),
        next_cursor,
        etags: Etags::of(users, include_etags),
    };
    answer_json(&body, USUAL_SIZE * (users.len() + 1))
}
