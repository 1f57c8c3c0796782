use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{Error, FromRequest, HttpRequest, web};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use users_use_cases::Scope;

use super::FromAuthorized;
use super::authenticated::authenticate;
use super::credentials::{Challenge, challenged};
use crate::Services;
use crate::middleware::Notes;
use crate::problem::Problem;

/// A scope, in a type.
pub trait RequiredScope {
    /// The scope.
    const SCOPE: Scope;
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

impl RequiredScope for Read {
    const SCOPE: Scope = Scope::Read;
}

impl RequiredScope for Write {
    const SCOPE: Scope = Scope::Write;
}

impl RequiredScope for Delete {
    const SCOPE: Scope = Scope::Delete;
}

/// A request whose caller has the scope `S`.
///
/// Nothing else of the request is looked at, and no byte of the body is read, before that is sure.
pub struct Authorized<S, T> {
    request: T,
    scope: PhantomData<S>,
}

impl<S, T> Authorized<S, T> {
    /// What the request asks for.
    pub fn into_inner(self) -> T {
        self.request
    }
}

impl<S: RequiredScope + 'static, T: FromAuthorized + 'static> FromRequest for Authorized<S, T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        async move {
            authorize(&request, S::SCOPE).await?;
            let request = T::read(&request, payload).await?;
            Ok(Self { request, scope: PhantomData })
        }
        .boxed_local()
    }
}

async fn authorize(request: &HttpRequest, scope: Scope) -> Result<(), Problem> {
    let notes = Notes::of(request);
    let caller = authenticate(request, notes.admission()).await?;
    notes.set_caller(&caller);
    if let Some(admission) = notes.admission() {
        admission.count_token(caller.token_id())?;
    }
    if caller.may(scope) { Ok(()) } else { Err(challenged(Challenge::Insufficient(scope))) }
}

/// The services that the app was configured with.
pub fn services(request: &HttpRequest) -> Result<&Services, Problem> {
    let services = request.app_data::<web::Data<Services>>();
    services
        .map(web::Data::get_ref)
        .ok_or_else(|| Problem::internal("the app was built without its services"))
}
