use actix_web::HttpRequest;
use actix_web::dev::Payload;
use users_domain::UserId;
use users_use_cases::Caller;

use super::FromAuthorized;
use crate::middleware::Notes;
use crate::problem::Problem;

/// The id in the path `/v1/users/{id}`.
#[derive(Debug)]
pub struct UserIdPath(pub UserId);

impl UserIdPath {
    /// Reads the id of the path; if it breaks the rule of ids there can be no such user.
    ///
    /// The router has decoded the path already, all but `%25`, `%2B` and `%2F`. Of these only `+` may stand in an id.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let segment = request.match_info().get("id").unwrap_or_default();
        let id = UserId::parse(segment.replace("%2B", "+").replace("%2b", "+"))
            .map_err(|_| Problem::no_such_user())?;
        Notes::of(request).set_names_user();
        Ok(Self(id))
    }
}

impl FromAuthorized for UserIdPath {
    async fn read(request: &HttpRequest, _caller: &Caller, _payload: Payload) -> Result<Self, Problem> {
        Self::of(request)
    }
}
