use actix_web::HttpRequest;
use users_use_cases::{AuthenticateError, Caller};

use super::credentials::token;
use super::services;
use crate::problem::Problem;
use crate::rate_limit::Admission;

/// Tells who calls, by the token that the request shows.
///
/// What fails counts for the address that the request comes from. A token that was not met before counts too, and before
/// it is looked up: so the look-ups that an address can cause have a bound, and once that is reached those are still let
/// in who were in before, though they come from the same address.
pub async fn authenticate(request: &HttpRequest, admission: Option<&Admission>) -> Result<Caller, Problem> {
    let authenticate = &services(request)?.authenticate;
    let count_failure = || admission.map_or(Ok(()), Admission::count_failure);
    let token = match token(request.headers()) {
        Ok(token) => token,
        Err(problem) => return Err(count_failure().err().unwrap_or(problem)),
    };
    let is_new = admission.is_some() && !authenticate.has_met(&token);
    if is_new {
        count_failure()?;
    }
    match authenticate.execute(&token).await {
        Ok(caller) => Ok(caller),
        Err(AuthenticateError::Repository(error)) => Err(error.into()),
        Err(error @ (AuthenticateError::Invalid | AuthenticateError::Expired)) => {
            if !is_new {
                count_failure()?;
            }
            Err(error.into())
        }
    }
}
