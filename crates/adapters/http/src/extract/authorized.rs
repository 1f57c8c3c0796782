use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{Error, FromRequest, HttpRequest, web};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use users_use_cases::{Caller, Scope};

use super::FromAuthorized;
use super::authenticated::authenticate;
use super::credentials::denied;
use crate::Services;
use crate::middleware::Notes;
use crate::problem::Problem;

/// A scope, in a type.
pub trait RequiredScope {
    /// The scope.
    const SCOPE: Scope;
    /// Whether it is asked for one user, whose id is in the path: a self-service token of that user will do as well.
    const OF_ONE: bool = false;
}

/// Reading users: `users:read`.
#[derive(Debug)]
pub struct Read;

/// Creating and updating users: `users:write`.
#[derive(Debug)]
pub struct Write;

/// Deleting users: `users:delete`.
#[derive(Debug)]
pub struct Delete;

/// Reading the one user in the path: `users:read`, or a self-service token of that user.
#[derive(Debug)]
pub struct ReadOne;

/// Updating the one user in the path: `users:write`, or a self-service token of that user. What such a token may set is for
/// the request to judge.
#[derive(Debug)]
pub struct UpdateOne;

impl RequiredScope for Read {
    const SCOPE: Scope = Scope::Read;
}

impl RequiredScope for Write {
    const SCOPE: Scope = Scope::Write;
}

impl RequiredScope for Delete {
    const SCOPE: Scope = Scope::Delete;
}

impl RequiredScope for ReadOne {
    const SCOPE: Scope = Scope::Read;
    const OF_ONE: bool = true;
}

impl RequiredScope for UpdateOne {
    const SCOPE: Scope = Scope::Write;
    const OF_ONE: bool = true;
}

/// A request whose caller has the scope `S`.
///
/// Nothing else of the request is looked at, and no byte of the body is read, before that is sure.
pub struct Authorized<S, T> {
    /// Who asks.
    pub caller: Caller,
    /// What the request asks for.
    pub request: T,
    scope: PhantomData<S>,
}

impl<S: RequiredScope + 'static, T: FromAuthorized + 'static> FromRequest for Authorized<S, T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        async move {
            let caller = authorize::<S>(&request).await?;
            let request = T::read(&request, &caller, payload).await?;
            Ok(Self { caller, request, scope: PhantomData })
        }
        .boxed_local()
    }
}

async fn authorize<S: RequiredScope>(request: &HttpRequest) -> Result<Caller, Problem> {
    let notes = Notes::of(request);
    let caller = authenticate(request, notes.admission()).await?;
    let caller = match notes.request_id().to_str() {
        Ok(id) => caller.in_request(id),
        Err(_) => caller,
    };
    notes.set_caller(&caller);
    if let Some(admission) = notes.admission() {
        admission.count_token(caller.id())?;
    }
    let allowed = if S::OF_ONE {
        // As the router has decoded it. A user whose id was sent in another way is another user, who is not there.
        caller.require_for(S::SCOPE, request.match_info().get("id").unwrap_or_default())
    } else {
        caller.require(S::SCOPE)
    };
    allowed.map(|()| caller).map_err(denied)
}

/// Counts a read of very many users against the limit of its token as what it costs.
pub fn count_visits(request: &HttpRequest, caller: &Caller) -> Result<(), Problem> {
    match Notes::of(request).admission() {
        Some(admission) => admission.count_visits(caller.id()),
        None => Ok(()),
    }
}

/// The services that the app was configured with.
pub fn services(request: &HttpRequest) -> Result<&Services, Problem> {
    let services = request.app_data::<web::Data<Services>>();
    services
        .map(web::Data::get_ref)
        .ok_or_else(|| Problem::internal("the app was built without its services"))
}
