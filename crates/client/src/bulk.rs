//! Many writes in one request.

use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::{Error, NewUser, Problem, User, UserUpdate};

/// What became of the items of a bulk write, each by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BulkAnswer {
    /// One for each item, in the order of the request.
    pub results: Vec<BulkResult>,
    /// Whether this is the answer to an earlier request with the same idempotency key, kept by the service.
    pub replayed: bool,
}

/// What became of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BulkResult {
    /// The place of the item in the request, from 0.
    pub index: usize,
    /// Which user it is, as far as that is known.
    pub id: Option<String>,
    /// The user as it is now, or as it was where it was deleted; or why nothing was done.
    pub outcome: Result<User, Problem>,
}

impl BulkAnswer {
    /// The items that failed, with their places in the request.
    pub fn failures(&self) -> impl Iterator<Item = (usize, &Problem)> {
        self.results.iter().filter_map(|result| Some((result.index, result.outcome.as_ref().err()?)))
    }

    pub(crate) fn read(answer: &Answer) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Body {
            results: Vec<ItemBody>,
        }
        let Body { results } = answer.json()?;
        let results = results.into_iter().map(ItemBody::read).collect::<Option<_>>();
        let results = results.ok_or_else(|| answer.unreadable("an item has neither a user nor an error"))?;
        Ok(Self { results, replayed: answer.is_replayed() })
    }
}

/// An item on the wire.
#[derive(Deserialize)]
struct ItemBody {
    index: usize,
    id: Option<String>,
    user: Option<User>,
    error: Option<Problem>,
}

impl ItemBody {
    fn read(self) -> Option<BulkResult> {
        let Self { index, id, user, error } = self;
        let outcome = match error {
            Some(problem) => Err(problem),
            None => Ok(user?),
        };
        Some(BulkResult { index, id, outcome })
    }
}

/// The body of `POST /v1/users/bulk`.
#[derive(Serialize)]
pub(crate) struct Creations<'a> {
    pub(crate) items: &'a [NewUser],
}

/// The body of `PUT /v1/users/bulk`.
#[derive(Serialize)]
pub(crate) struct Updates<'a> {
    updates: Vec<UpdateItem<'a>>,
}

#[derive(Serialize)]
struct UpdateItem<'a> {
    id: &'a str,
    data: &'a UserUpdate,
}

impl<'a> Updates<'a> {
    pub(crate) fn of<I: AsRef<str>>(updates: &'a [(I, UserUpdate)]) -> Self {
        Self { updates: updates.iter().map(|(id, data)| UpdateItem { id: id.as_ref(), data }).collect() }
    }
}

/// The body of `DELETE /v1/users/bulk`.
#[derive(Serialize)]
pub(crate) struct Deletions<'a> {
    ids: Vec<&'a str>,
}

impl<'a> Deletions<'a> {
    pub(crate) fn of(ids: &'a [impl AsRef<str>]) -> Self {
        Self { ids: ids.iter().map(AsRef::as_ref).collect() }
    }
}
