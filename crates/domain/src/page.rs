use validator::{Validate, ValidationErrors};

use crate::{BrokenRule, RuleCode, User, Violation, Violations};

/// How many users a page has at most, and how many are left out before its first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Validate)]
pub struct PageBounds {
    #[validate(range(min = 1, max = PageBounds::MAX_LIMIT))]
    limit: i64,
    #[validate(range(min = 0, max = PageBounds::MAX_OFFSET))]
    offset: i64,
}

impl PageBounds {
    /// The most users that a page can have.
    pub const MAX_LIMIT: i64 = 200;

    /// How many users a page has where nobody says otherwise.
    pub const DEFAULT_LIMIT: i64 = 50;

    /// The most users that can be left out.
    ///
    /// A store counts its way past each of them, which is why there is an end to it; going on after the last user
    /// of the page before takes as long at any depth.
    pub const MAX_OFFSET: i64 = 100_000;

    /// Takes both numbers, or tells which of them, `limit` or `offset`, is out of its range.
    pub fn new(limit: i64, offset: i64) -> Result<Self, Violations> {
        let bounds = Self { limit, offset };
        bounds.validate().map_err(|errors| violations(&errors))?;
        Ok(bounds)
    }

    /// The most users that the page has.
    pub const fn limit(self) -> i64 {
        self.limit
    }

    /// How many users are left out before the first of the page.
    pub const fn offset(self) -> i64 {
        self.offset
    }
}

impl Default for PageBounds {
    fn default() -> Self {
        Self { limit: Self::DEFAULT_LIMIT, offset: 0 }
    }
}

/// What the validator found, without the refused numbers, which it would repeat.
fn violations(errors: &ValidationErrors) -> Violations {
    let mut violations = Violations::new();
    let mut fields: Vec<_> = errors.field_errors().into_iter().collect();
    fields.sort_by(|(field, _), (other, _)| field.cmp(other));
    for (field, error) in
        fields.into_iter().flat_map(|(field, errors)| errors.iter().map(move |e| (field.clone(), e)))
    {
        let bound = |name: &str| error.params.get(name).map(ToString::to_string).unwrap_or_default();
        let detail = format!("must be a whole number from {} to {}", bound("min"), bound("max"));
        violations.push(Violation::at_place(field, BrokenRule::new(RuleCode::OutOfRange, detail)));
    }
    violations
}

/// Some of the users that a query asks for, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserPage {
    /// The users, at most as many as the query's limit.
    pub users: Vec<User>,
    /// Whether there are more behind the last one.
    pub has_more: bool,
}

impl UserPage {
    /// Makes a page of the first users that a query finds, of which there may be one more than the page can have.
    pub fn of(mut found: Vec<User>, bounds: PageBounds) -> Self {
        let limit = usize::try_from(bounds.limit).unwrap_or(usize::MAX);
        let has_more = found.len() > limit;
        found.truncate(limit);
        Self { users: found, has_more }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use rstest::rstest;

    use super::{PageBounds, UserPage};
    use crate::{Profile, User, UserId};

    #[rstest]
    #[case(1, 0)]
    #[case(200, 100_000)]
    fn accepts(#[case] limit: i64, #[case] offset: i64) {
        let bounds = PageBounds::new(limit, offset).unwrap();
        assert_eq!((bounds.limit(), bounds.offset()), (limit, offset));
    }

    #[rstest]
    #[case(0, 0, "limit: must be a whole number from 1 to 200")]
    #[case(201, 0, "limit: must be a whole number from 1 to 200")]
    #[case(i64::MIN, 0, "limit: must be a whole number from 1 to 200")]
    #[case(50, -1, "offset: must be a whole number from 0 to 100000")]
    #[case(50, 100_001, "offset: must be a whole number from 0 to 100000")]
    #[case(
        i64::MAX,
        i64::MAX,
        "limit: must be a whole number from 1 to 200; offset: must be a whole number from 0 to 100000"
    )]
    fn refuses_and_tells_of_both(#[case] limit: i64, #[case] offset: i64, #[case] expected: &str) {
        assert_eq!(PageBounds::new(limit, offset).unwrap_err().to_string(), expected);
    }

    #[test]
    fn what_is_usual_is_allowed() {
        let PageBounds { limit, offset } = PageBounds::default();
        assert_eq!(PageBounds::new(limit, offset), Ok(PageBounds::default()));
    }

    #[test]
    fn one_user_too_many_means_that_there_are_more() {
        let users: Vec<_> = ["a", "b", "c"]
            .map(|id| User::create(UserId::parse(id).unwrap(), Profile::default(), DateTime::UNIX_EPOCH))
            .into();
        let page = |limit| UserPage::of(users.clone(), PageBounds::new(limit, 0).unwrap());
        assert_eq!(page(2), UserPage { users: users[..2].to_vec(), has_more: true });
        assert_eq!(page(3), UserPage { users: users.clone(), has_more: false });
    }
}
