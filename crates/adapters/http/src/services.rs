use std::sync::Arc;

use users_use_cases::{
    Authenticate, BulkUsers, CheckReadiness, Clock, CountUsers, CreateUser, DeleteUser, GetUser, ListUsers,
    PatchUser, SearchUsers, UpdateUser,
};

/// What the routes call.
#[derive(Clone)]
pub struct Services {
    /// `PUT /v1/users/{id}`
    pub update_user: UpdateUser,
    /// `PATCH /v1/users/{id}`
    pub patch_user: PatchUser,
    /// `POST /v1/users`
    pub create_user: CreateUser,
    /// `DELETE /v1/users/{id}`
    pub delete_user: DeleteUser,
    /// `POST`, `PUT` and `DELETE /v1/users/bulk`
    pub bulk_users: BulkUsers,
    /// `GET /v1/users/{id}`
    pub get_user: GetUser,
    /// `GET /v1/users`
    pub list_users: ListUsers,
    /// `GET /v1/users/count`
    pub count_users: CountUsers,
    /// `GET /v1/users/search`
    pub search_users: SearchUsers,
    /// `Authorization`
    pub authenticate: Arc<Authenticate>,
    /// `GET /readyz`
    pub check_readiness: CheckReadiness,
    /// What input is validated against.
    pub clock: Arc<dyn Clock>,
}
