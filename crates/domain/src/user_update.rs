use crate::members::{Form, MemberValue, Members, Zip};
use crate::{Change, Member};

/// What an update does to each member of a user but the id, which never changes.
///
/// Valid by its types; [`UserInput::validate`](crate::UserInput::validate) makes one of text.
pub type UserUpdate = Members<Changed>;

/// The form of a [`UserUpdate`]: keep, clear or set. `active` cannot be cleared; `None` keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Changed;

impl Form for Changed {
    type Of<T: MemberValue> = Change<T>;
    type Active = Option<bool>;

    const NAME: &'static str = "UserUpdate";
    const ACTIVE: Option<bool> = None;
}

impl UserUpdate {
    /// Follows this update with a later one: one update that does what both do, one after the other.
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        struct Then;

        impl Zip<Changed, Changed, Changed> for Then {
            fn active(&mut self, earlier: Option<bool>, later: Option<bool>) -> Option<bool> {
                later.or(earlier)
            }

            fn member<T: MemberValue>(
                &mut self,
                _: Member,
                earlier: Change<T>,
                later: Change<T>,
            ) -> Change<T> {
                earlier.then(later)
            }
        }

        self.zip(later, &mut Then)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::UserUpdate;
    use crate::{Birthday, Change, Moment, Profile};

    /// Keeps, clears, or sets one of two values: few enough that updates often meet.
    fn change<T: Clone + std::fmt::Debug + 'static>(values: [T; 2]) -> impl Strategy<Value = Change<T>> {
        let [one, other] = values;
        select(vec![Change::Keep, Change::Clear, Change::Set(one), Change::Set(other)])
    }

    /// The same for a text value.
    macro_rules! text {
        ($one:literal, $other:literal) => {
            change([$one, $other].map(|text| text.parse().unwrap()))
        };
    }

    fn day(text: &str) -> Birthday {
        Birthday::parse(text, DateTime::from_timestamp_nanos(1_700_000_000_000_000_000)).unwrap()
    }

    fn moment(second: i64) -> Moment {
        Moment::from_stored(DateTime::from_timestamp(second, 0).unwrap())
    }

    prop_compose! {
        fn update()(
            (active, avatar, bio, birthday, country, email) in (
                any::<Option<bool>>(),
                text!("/a", "/b"),
                text!("a", "b"),
                change([day("1990-01-01"), day("1991-01-01")]),
                text!("DE", "FR"),
                text!("a@example.org", "b@example.org"),
            ),
            (first_name, last_name, last_seen, last_typed, location, organization) in (
                text!("Ada", "Bea"),
                text!("A", "B"),
                change([moment(1), moment(2)]),
                change([moment(3), moment(4)]),
                text!("a", "b"),
                text!("c", "d"),
            ),
            (phone, regions, title, twitter, username) in (
                text!("1234", "5678"),
                text!("e", "f"),
                text!("g", "h"),
                text!("@a", "@b"),
                text!("ada", "Ada"),
            ),
        ) -> UserUpdate {
            UserUpdate {
                active, avatar, bio, birthday, country, email, first_name, last_name, last_seen, last_typed,
                location, organization, phone, regions, title, twitter, username,
            }
        }
    }

    proptest! {
        #[test]
        fn one_update_then_another_is_both_of_them(before in update(), a in update(), b in update()) {
            let mut one_by_one = Profile::from(before);
            let mut at_once = one_by_one.clone();
            one_by_one.apply(a.clone());
            one_by_one.apply(b.clone());
            at_once.apply(a.then(b));
            prop_assert_eq!(at_once, one_by_one);
        }

        #[test]
        fn an_update_makes_a_difference_when_the_profile_differs(before in update(), a in update()) {
            let before = Profile::from(before);
            let mut after = before.clone();
            let changed = after.apply(a.clone());
            prop_assert_eq!(changed, after != before);
            prop_assert!(!after.apply(a), "the second time there is nothing left to do");
        }

        #[test]
        fn an_update_that_keeps_everything_is_nothing_before_and_after(a in update()) {
            prop_assert_eq!(a.clone().then(UserUpdate::default()), a.clone());
            prop_assert_eq!(UserUpdate::default().then(a.clone()), a);
        }
    }
}
