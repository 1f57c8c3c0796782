//! `GET /v1/users`: lists users, page by page.

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use users_domain::{PageBounds, User};
use users_use_cases::{Caller, Listing};

use super::answer::{USUAL_SIZE, answer_json, applied};
use super::cursor::cursor_at;
use super::etags::Etags;
use super::link::link_to_next;
use crate::extract::{
    Authorized, FromAuthorized, ListParameter, ListQuery, Preferences, Read, SentParameters, count_visits,
};
use crate::problem::Problem;
use crate::{PublicUrl, Services};

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
    public_url: web::Data<PublicUrl>,
    Authorized { caller, request, .. }: Authorized<Read, ListRequest>,
) -> Result<HttpResponse, Problem> {
    let ListRequest { wanted, preferences } = request;
    let ListQuery { query, include_total, include_etags, sent } = wanted;
    let listing = services.list_users.execute(&caller, &query, include_total).await?;
    let last = listing.page.users.last().filter(|_| listing.page.has_more);
    let next = last.map(|last| cursor_at(query.direction, last.id()));
    let mut response = answer(&listing, next.as_deref(), query.bounds, include_etags)?;
    if let Some(next) = next {
        response
            .headers_mut()
            .insert(header::LINK, link_to_next(&public_url.of_path("/v1/users"), &sent, &next)?);
    }
    Ok(applied(response, preferences))
}

impl FromAuthorized for ListRequest {
    async fn read(request: &HttpRequest, caller: &Caller, payload: Payload) -> Result<Self, Problem> {
        let sent = SentParameters::of(request, payload, &ListParameter::OF_LIST).await?;
        let preferences = Preferences::of(request.headers());
        let wanted = ListQuery::of(sent, preferences)?;
        if wanted.include_total || wanted.query.visits_many() {
            count_visits(request, caller)?;
        }
        Ok(Self { wanted, preferences })
    }
}

/// A page on the wire.
#[derive(Serialize)]
struct PageBody<'a> {
    users: &'a [User],
    has_more: bool,
    next_cursor: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    etags: Option<Etags<'a>>,
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

fn answer(
    listing: &Listing,
    next: Option<&str>,
    bounds: PageBounds,
    include_etags: bool,
) -> Result<HttpResponse, Problem> {
    let users: &[User] = &listing.page.users;
    let body = PageBody {
        users,
        has_more: listing.page.has_more,
        next_cursor: next,
        etags: Etags::of(users, include_etags),
        pagination: Pagination { limit: bounds.limit(), offset: bounds.offset(), total: listing.total },
    };
    answer_json(&body, USUAL_SIZE * (users.len() + 1))
}
