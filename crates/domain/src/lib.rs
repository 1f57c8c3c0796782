//! The user of the users service: 18 members, the rules that each must keep, and what an update means.
//!
//! Nothing here does I/O, reads a clock or makes up an id: the crate can be used alone by any
//! service that takes in, checks or changes users.
//!
//! ```
//! use chrono::{DateTime, Utc};
//! use users_domain::{Change, Precondition, Profile, User, UserId, UserInput};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let now: DateTime<Utc> = "2026-11-01T12:00:00Z".parse()?;
//! let mut user = User::create(UserId::parse("ada")?, Profile::default(), now);
//!
//! // Validate an update as it came in ...
//! let input = UserInput {
//!     email: Change::Set("ada@example.org".to_owned()),
//!     phone: Change::Clear,
//!     ..UserInput::default()
//! };
//! let update = input.validate(now)?;
//!
//! // ... and apply it.
//! assert!(user.apply(update, &Precondition::Exists, now)?);
//! assert_eq!(user.profile().email.as_ref().map(|email| email.as_str()), Some("ada@example.org"));
//!
//! // What breaks a rule is refused, all of it at once.
//! let input = UserInput {
//!     email: Change::Set("not an address".to_owned()),
//!     birthday: Change::Set("1815-12-10".to_owned()),
//!     ..UserInput::default()
//! };
//! let violations = input.validate(now).unwrap_err();
//! let places: Vec<_> = violations.iter().map(|violation| violation.place()).collect();
//! assert_eq!(places, ["birthday", "email"]);
//! # Ok(())
//! # }
//! ```
//!
//! With the feature `serde`:
//!
//! - a [`User`] is written as the API of the service answers with it: 18 members, of which those that are unset are null;
//! - a [`UserInput`] is read as the body of an update, with absent, null and value told apart, and [`Violations`] are written;
//! - the value objects can be written, and those whose rule needs no clock can be read, with their rule checked.
//!
//! Values that tell something of a person show their length alone in `{:?}`, so that a log cannot show more.

mod avatar;
mod bio;
mod birthday;
mod change;
mod country;
mod direction;
mod email;
mod label;
mod location;
mod member;
mod members;
mod moment;
mod page;
mod person_name;
mod phone;
mod precis;
mod precondition;
mod profile;
mod redacted;
mod rfc3339;
mod search;
mod search_key;
mod self_editable;
#[cfg(feature = "serde")]
mod serde_forms;
mod text;
mod text_value;
mod twitter;
mod unicode;
mod user;
mod user_id;
mod user_input;
mod user_query;
mod user_update;
mod username;
mod version;
mod violation;

pub use avatar::Avatar;
pub use bio::Bio;
pub use birthday::Birthday;
pub use change::Change;
pub use country::Country;
pub use direction::Direction;
pub use email::Email;
pub use label::Label;
pub use location::Location;
pub use member::Member;
pub use members::{Form, MemberValue, Members, Visit, Zip};
pub use moment::Moment;
pub use page::{PageBounds, UserPage};
pub use person_name::PersonName;
pub use phone::Phone;
pub use precondition::Precondition;
pub use profile::{Known, Profile};
pub use search::{KeyRange, SearchPage, SearchPlace, SearchPrefix, SearchQuery};
pub use search_key::SearchKey;
pub use self_editable::{NotSelfEditable, SelfEditable};
pub use twitter::Twitter;
pub use user::{Stale, User, UserParts};
pub use user_id::UserId;
pub use user_input::{Sent, UserInput};
pub use user_query::{UserFilter, UserQuery};
pub use user_update::{Changed, UserUpdate};
pub use username::{Username, UsernameKey};
pub use version::Version;
pub use violation::{BrokenRule, RuleCode, Violation, Violations};
