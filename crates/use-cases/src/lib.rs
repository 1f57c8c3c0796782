//! What the users service does: one use case a file, over ports alone, so that each can be tested without I/O.

mod authenticate;
mod check_readiness;
mod create_user;
mod get_user;
mod list_users;
mod manage_tokens;
mod token;
mod update_user;

pub use authenticate::{Authenticate, AuthenticateError, Caller, TokenLookUps};
pub use check_readiness::CheckReadiness;
pub use create_user::CreateUser;
pub use get_user::GetUser;
pub use list_users::{ListUsers, Listing};
pub use manage_tokens::ManageTokens;
pub use token::{NotAToken, Token};
pub use update_user::UpdateUser;
// The answers of the ports are answers of the use cases.
pub use users_ports::{
    BatchCount, Clock, ConnectionUsage, CreateUserError, ProcessMetrics, ProcessUsage, QueueUsage,
    RepositoryError, Scope, Scopes, StoreMetrics, StoreUsage, TokenRecord, Unhealthy, UnknownScope,
    UpdateUserError,
};
