//! Reads requests: who calls, which user is meant, what the body says, and on which conditions.

mod authenticated;
mod authorized;
mod body;
mod broken_rules;
mod bulk;
mod conditions;
mod content;
mod credentials;
mod dry_run;
mod entity_tags;
mod idempotency_key;
mod json_object;
mod json_part;
mod json_patch;
mod list_parameter;
mod list_query;
mod media_type;
mod member_value;
mod parameter_check;
mod preferences;
mod search_parameters;
mod sent_parameters;
mod unknown_members;
mod user_document;
mod user_id_path;
mod write_options;

pub use authorized::{Authorized, Delete, Read, ReadOne, UpdateOne, Write, count_visits, services};
pub use body::{read_body, read_body_up_to};
pub use bulk::{MAX_BULK_BYTES, MAX_ITEMS, ReadItem, Reading, SentItem, creation, deletion, items, update};
pub use conditions::{ReadConditions, WriteConditions};
pub use content::{ACCEPT_PATCH, PATCH_TYPES, PatchFormat, require_json, with_patch_types};
pub use credentials::{Challenge, challenged};
pub use dry_run::DRY_RUN;
pub use entity_tags::EntityTags;
pub use idempotency_key::{IdempotencyKey, MAX_KEY_LENGTH};
pub use json_part::JsonPart;
pub use json_patch::{JsonPatch, MAX_OPERATIONS};
pub use list_parameter::ListParameter;
pub use list_query::ListQuery;
use media_type::MediaType;
pub use parameter_check::ParameterCheck;
pub use preferences::{PREFERENCE_APPLIED, Preferences};
pub use search_parameters::SearchParameters;
pub use sent_parameters::SentParameters;
pub use user_document::{IdSource, UserDocument};
pub use user_id_path::UserIdPath;
pub use write_options::WriteOptions;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use users_use_cases::Caller;

use crate::problem::Problem;

/// What a handler needs of a request whose caller is known to be allowed it.
pub trait FromAuthorized: Sized {
    /// Reads it, or tells why the request is refused.
    fn read(
        request: &HttpRequest,
        caller: &Caller,
        payload: Payload,
    ) -> impl Future<Output = Result<Self, Problem>>;
}
