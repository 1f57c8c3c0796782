use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use actix_web::http::header::HeaderValue;
use actix_web::{HttpMessage, HttpRequest};
use users_use_cases::Caller;

use super::RequestTrace;
use crate::rate_limit::Admission;

/// What is learned of a request on its way, for the log line and for what the answer tells of it.
#[derive(Clone, Debug)]
pub struct Notes(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    request_id: HeaderValue,
    trace: Option<RequestTrace>,
    caller: OnceCell<Caller>,
    reading_body: Cell<bool>,
    names_user: Cell<bool>,
    admission: Option<Admission>,
}

impl Notes {
    /// Notes about the request with this id, which may be a part of a trace, and which `admission` decides on, where there
    /// are limits.
    pub fn new(request_id: HeaderValue, trace: Option<RequestTrace>, admission: Option<Admission>) -> Self {
        let caller = OnceCell::new();
        let (reading_body, names_user) = (Cell::new(false), Cell::new(false));
        Self(Rc::new(Inner { request_id, trace, caller, reading_body, names_user, admission }))
    }

    /// The notes that the middleware has attached to the request; without it, notes that nobody reads.
    pub fn of(request: &HttpRequest) -> Self {
        let notes = request.extensions().get::<Self>().cloned();
        notes.unwrap_or_else(|| Self::new(HeaderValue::from_static("-"), None, None))
    }

    /// What the request is called in the log and in the answer.
    pub fn request_id(&self) -> &HeaderValue {
        &self.0.request_id
    }

    /// The trace that the request is a part of, where requests are traced.
    pub fn trace(&self) -> Option<&RequestTrace> {
        self.0.trace.as_ref()
    }

    /// Notes who calls.
    pub fn set_caller(&self, caller: &Caller) {
        // A request has one caller: there is nothing to be overwritten.
        let _ = self.0.caller.set(caller.clone());
    }

    /// Notes whether it is the client that is waited for.
    pub fn set_reading_body(&self, reading: bool) {
        self.0.reading_body.set(reading);
    }

    /// Notes that the path has the id of a user there can be, and that the caller may ask for it.
    pub fn set_names_user(&self) {
        self.0.names_user.set(true);
    }

    /// Whether the path has the id of a user there can be; what strangers write in its place may be anything.
    pub fn names_user(&self) -> bool {
        self.0.names_user.get()
    }

    /// What decides whether there were too many requests, where there are limits.
    pub fn admission(&self) -> Option<&Admission> {
        self.0.admission.as_ref()
    }

    /// Who calls, once that is known.
    pub fn caller(&self) -> Option<&Caller> {
        self.0.caller.get()
    }

    /// The public id of the caller's token, once it is known.
    pub fn token_id(&self) -> Option<&str> {
        self.caller().map(Caller::id)
    }

    /// Whether it is the client that is waited for.
    pub fn is_reading_body(&self) -> bool {
        self.0.reading_body.get()
    }
}
