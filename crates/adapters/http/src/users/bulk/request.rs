use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use users_domain::Precondition;
use users_use_cases::{Caller, WriteMode};

use crate::PublicUrl;
use crate::extract::{
    JsonPart, MAX_BULK_BYTES, Preferences, ReadItem, Reading, SentItem, WriteConditions, WriteOptions, items,
    read_body_up_to, require_json, services,
};
use crate::middleware::Notes;
use crate::problem::{ErrorCode, Problem, pointer_to};

/// What a bulk request of one kind looks like.
pub struct Shape {
    /// The member of the body that has the items.
    pub member: &'static str,
    /// How an item is read.
    pub read: ReadItem,
    /// A pointer to the members of the user within an item.
    pub user: &'static str,
    /// The status of an item that was carried out.
    pub done: StatusCode,
}

/// A bulk request that is allowed; its items may be valid or not.
pub struct BulkRequest {
    pub items: Vec<SentItem>,
    pub mode: WriteMode,
    pub preferences: Preferences,
    pub place: Place,
}

/// Where the items were sent to, and in which request.
pub struct Place {
    items: String,
    request_id: HeaderValue,
    public_url: PublicUrl,
}

impl Place {
    fn of(request: &HttpRequest, shape: &Shape) -> Self {
        let items = format!("{}#{}", request.path(), pointer_to(shape.member));
        let request_id = Notes::of(request).request_id().clone();
        Self { items, request_id, public_url: PublicUrl::of(request) }
    }

    /// The item with this number: the path, and as its fragment a pointer into the body (RFC 6901, section 6).
    pub fn of_item(&self, index: usize) -> String {
        format!("{}/{index}", self.items)
    }

    /// Below what the service is reached.
    pub const fn public_url(&self) -> &PublicUrl {
        &self.public_url
    }

    /// What the request is called in the log and in the answer.
    pub fn request_id(&self) -> &str {
        self.request_id.to_str().unwrap_or_default()
    }
}

impl BulkRequest {
    /// Reads a request of this shape.
    pub async fn read(
        request: &HttpRequest,
        caller: &Caller,
        payload: Payload,
        shape: &Shape,
    ) -> Result<Self, Problem> {
        require_json(request)?;
        let options = WriteOptions::of(request)?;
        let body = read_body_up_to(MAX_BULK_BYTES, request, payload).await?;
        refuse_conditions(request)?;
        let preferences = Preferences::of(request.headers());
        let json = JsonPart::body(&body);
        let items = items(json, shape.member, preferences)?;
        let services = services(request)?;
        let reading = Reading { body: json, preferences, now: services.clock.now() };
        let items = items.into_iter().map(|item| (shape.read)(item, &reading)).collect();
        let (mode, place) = (options.into_mode(request, caller, &body), Place::of(request, shape));
        Ok(Self { items, mode, preferences, place })
    }
}

/// Refuses a condition that is about one user: many users have no entity tag, so it cannot hold for them.
fn refuse_conditions(request: &HttpRequest) -> Result<(), Problem> {
    match WriteConditions::of(request.headers()).precondition {
        Precondition::Exists => Ok(()),
        Precondition::VersionIn(_) => {
            let detail = "A condition never holds for many users. Update them one by one.";
            Err(Problem::new(ErrorCode::PreconditionFailed, detail))
        }
    }
}
