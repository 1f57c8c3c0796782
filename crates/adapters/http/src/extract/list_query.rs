use users_domain::{Direction, UserId, UserQuery};

use super::parameter_check::{ParameterCheck, flag, invalid};
use super::sent_parameters::SentParameters;
use super::{ListParameter, Preferences};
use crate::problem::Problem;
use crate::users::position_of_cursor;

/// What somebody wants to see of the list: valid, and as it was sent.
#[derive(Debug)]
pub struct ListQuery {
    /// Which page.
    pub query: UserQuery,
    /// Whether the whole list is to be counted.
    pub include_total: bool,
    /// Whether the entity tags of the users are wanted.
    pub include_etags: bool,
    /// The parameters as they were sent, without those that no user list knows.
    pub sent: Vec<(ListParameter, String)>,
}

impl ListQuery {
    /// Makes a valid query of what was sent, or tells everything that is wrong with it at once.
    pub fn of(sent: SentParameters, preferences: Preferences) -> Result<Self, Problem> {
        let SentParameters { known, unknown, faults } = sent;
        let mut check = ParameterCheck::new(&known, faults);
        let direction = check.read(ListParameter::OrderDirection, Direction::parse).unwrap_or_default();
        let filter = check.filter();
        let after = after(&mut check, direction);
        let bounds = check.bounds();
        // The vendor's clients page by offset, and take the total for granted.
        let pages_by_offset = check.was_sent(ListParameter::Offset) && after.is_none();
        let include_total = check.read(ListParameter::IncludeTotal, flag).unwrap_or(pages_by_offset);
        let include_etags = check.read(ListParameter::IncludeEtags, flag).unwrap_or_default();
        check.finish(&unknown, preferences)?;
        Ok(Self {
            query: UserQuery { filter, direction, after, bounds },
            include_total,
            include_etags,
            sent: known,
        })
    }
}

/// Where the page begins; a cursor leads on in the direction in which it was given out.
fn after(check: &mut ParameterCheck<'_>, direction: Direction) -> Option<UserId> {
    check.read(ListParameter::Cursor, |text| match position_of_cursor(text) {
        Some((way, id)) if way == direction => Ok(id),
        Some(_) => Err(invalid("must come from a list with the same order_direction")),
        None => Err(invalid("must be a next_cursor of an earlier answer")),
    })
}
