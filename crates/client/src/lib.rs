//! Calls the users service from Rust: typed, asynchronous, and safe to repeat.
//!
//! ```no_run
//! use futures_util::TryStreamExt as _;
//! use users_client::{Client, ErrorCode, Filter, NewUser, UserUpdate};
//!
//! # async fn run(token: String) -> Result<(), users_client::Error> {
//! let client = Client::builder("https://users.example.org", token).user_agent("crm/1.2").build()?;
//!
//! let ada = NewUser::of(UserUpdate::new().set_first_name("Ada").set_username("ada")).with_id("ada");
//! let created = client.create(&ada).await?;
//!
//! // Set one member, clear another, leave the rest; but only if nobody was here in between.
//! let update = UserUpdate::new().set_bio("Wrote the first program.").clear_phone();
//! match client.update("ada", &update).if_match(&created.etag).await {
//!     Ok(user) => assert_eq!(user.bio.as_deref(), Some("Wrote the first program.")),
//!     Err(error) if error.code() == Some(&ErrorCode::PreconditionFailed) => {}
//!     Err(error) => return Err(error),
//! }
//!
//! let mut british = client.list().filter(&Filter::new().country("GB")).limit(200).stream();
//! while let Some(user) = british.try_next().await? {
//!     client.delete(&user.id).dry_run().await?;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! - **Three states.** A [`UserUpdate`] sets a member, clears it, or leaves it as it is; see [`Change`].
//! - **Sent again where that can help**, as [`RetryPolicy`] says: after 429, 502, 503, 504, and after no answer at all. A write
//!   carries an idempotency key, so that it has its effect once however often it is sent.
//! - **Nothing is checked here** but what would make another call of this one: the rules are the service's, and its
//!   refusal names every broken rule with a JSON pointer ([`Problem::errors`]).
//! - **Quiet.** `{:?}` shows no personal value and no token; errors do not repeat what was sent.
//! - HTTPS is rustls with the certificates that the system trusts, and others by
//!   [`ClientBuilder::root_certificates`].

mod answer;
mod builder;
mod bulk;
mod change;
mod client;
mod error;
mod error_code;
mod etag;
mod filter;
mod list;
mod new_user;
mod pages;
mod patch_operation;
mod problem;
mod retry_policy;
mod search;
mod traceparent;
mod transport;
mod user;
mod user_update;
mod write;

pub use builder::ClientBuilder;
pub use bulk::{BulkAnswer, BulkResult};
pub use change::Change;
pub use client::Client;
pub use error::Error;
pub use error_code::ErrorCode;
pub use etag::{ETag, InvalidETag};
pub use filter::Filter;
pub use list::List;
pub use new_user::NewUser;
pub use pages::{Page, Users};
pub use patch_operation::PatchOperation;
pub use problem::{FieldError, Problem};
pub use retry_policy::RetryPolicy;
pub use search::Search;
pub use user::{User, VersionedUser};
pub use user_update::UserUpdate;
pub use write::{ExistingUser, NewOrMany, Write};
