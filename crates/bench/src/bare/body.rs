use chrono::{DateTime, Utc};
use diesel::Queryable;
use serde::{Deserialize, Serialize};

/// The update that the load generator sends, and no other.
#[derive(Debug, Deserialize)]
pub struct BareUpdate {
    pub bio: String,
    pub location: String,
    pub last_seen: DateTime<Utc>,
}

/// The user as the service answers it, and as diesel reads it.
#[derive(Debug, Queryable, Serialize)]
pub struct BareUser {
    pub id: String,
    pub active: bool,
    pub avatar: Option<String>,
    pub bio: Option<String>,
    pub birthday: Option<String>,
    pub country: Option<String>,
    pub email: Option<String>,
    #[serde(rename = "firstName")]
    pub first_name: Option<String>,
    #[serde(rename = "lastName")]
    pub last_name: Option<String>,
    pub last_seen: Option<DateTime<Utc>>,
    pub last_typed: Option<DateTime<Utc>>,
    pub location: Option<String>,
    pub organization: Option<String>,
    pub phone: Option<String>,
    pub regions: Option<String>,
    pub title: Option<String>,
    pub twitter: Option<String>,
    pub username: Option<String>,
}
