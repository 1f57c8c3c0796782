use crate::members::{Form, MemberValue, Members, Visit, Zip};
use crate::user_update::Changed;
use crate::{Change, Member, UserUpdate};

/// What is known of a user besides the id: 17 members, each valid by its type.
///
/// Code that needs each member by itself takes a profile apart in full (`let Profile { active, avatar, .. } = profile` without
/// the `..`), and the compiler tells where a new member must be handled; [`Members::visit`] goes through all of them.
pub type Profile = Members<Known>;

/// The form of a [`Profile`]: a value, or `None` if it is unset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Known;

impl Form for Known {
    type Of<T: MemberValue> = Option<T>;
    type Active = bool;

    const NAME: &'static str = "Profile";
    /// A user of whom nothing is known is active.
    const ACTIVE: bool = true;
}

impl Profile {
    /// The size of all texts, in bytes of UTF-8: what a user takes of a store beyond a fixed amount.
    pub fn text_bytes(&self) -> usize {
        struct Sum(usize);

        impl<'a> Visit<'a, Known> for Sum {
            fn active(&mut self, _: &'a bool) {}

            fn member<T: MemberValue>(&mut self, _: Member, value: &'a Option<T>) {
                self.0 += value.as_ref().map_or(0, |value| value.text().len());
            }
        }

        let mut sum = Sum(0);
        self.visit(&mut sum);
        sum.0
    }

    /// Carries out an update and tells whether it made a difference.
    pub fn apply(&mut self, update: UserUpdate) -> bool {
        struct Apply {
            changed: bool,
        }

        impl Zip<Known, Changed, Known> for Apply {
            fn active(&mut self, before: bool, change: Option<bool>) -> bool {
                let after = change.unwrap_or(before);
                self.changed |= after != before;
                after
            }

            fn member<T: MemberValue>(
                &mut self,
                _: Member,
                before: Option<T>,
                change: Change<T>,
            ) -> Option<T> {
                let mut member = before;
                self.changed |= change.apply(&mut member);
                member
            }
        }

        let mut apply = Apply { changed: false };
        *self = std::mem::take(self).zip(update, &mut apply);
        apply.changed
    }
}

impl From<UserUpdate> for Profile {
    /// The profile of a new user: what the update sets, over the defaults.
    fn from(update: UserUpdate) -> Self {
        let mut profile = Self::default();
        profile.apply(update);
        profile
    }
}

#[cfg(test)]
mod tests {
    use super::Profile;
    use crate::{Change, Label, PersonName, UserUpdate};

    #[test]
    fn a_new_profile_is_active_and_says_nothing() {
        let Profile { active, .. } = Profile::default();
        assert!(active);
        assert_eq!(Profile::from(UserUpdate::default()), Profile::default());
    }

    /// Members of one type could be taken for one another; the compiler does not tell.
    #[test]
    fn each_member_of_a_shared_type_changes_itself() {
        let label = |text: &str| Label::parse(text).unwrap();
        let name = |text: &str| PersonName::parse(text).unwrap();
        let profile = Profile::from(UserUpdate {
            first_name: Change::Set(name("first")),
            last_name: Change::Set(name("last")),
            location: Change::Set("location".parse().unwrap()),
            organization: Change::Set(label("organization")),
            regions: Change::Set(label("regions")),
            title: Change::Set(label("title")),
            ..UserUpdate::default()
        });
        let expected = Profile {
            first_name: Some(name("first")),
            last_name: Some(name("last")),
            location: Some("location".parse().unwrap()),
            organization: Some(label("organization")),
            regions: Some(label("regions")),
            title: Some(label("title")),
            ..Profile::default()
        };
        assert_eq!(profile, expected);
    }
}
