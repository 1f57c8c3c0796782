use std::sync::Arc;

use users_use_cases::{Authenticate, CheckReadiness, Clock, CreateUser, GetUser, ListUsers, UpdateUser};

/// What the routes call.
#[derive(Clone)]
pub struct Services {
    /// `PUT /v1/users/{id}`
    pub update_user: UpdateUser,
    /// `POST /v1/users`
    pub create_user: CreateUser,
    /// `GET /v1/users/{id}`
    pub get_user: GetUser,
    /// `GET /v1/users`
    pub list_users: ListUsers,
    /// `Authorization`
    pub authenticate: Arc<Authenticate>,
    /// `GET /readyz`
    pub check_readiness: CheckReadiness,
    /// What input is validated against.
    pub clock: Arc<dyn Clock>,
}
