use users_domain::{Bio, Change, Changed, Known, Member, MemberValue, Profile, UserUpdate, Username, Zip};

/// The 17 members that an update can change: all but the id.
pub const MEMBERS: [Member; 17] = [
    Member::Active,
    Member::Avatar,
    Member::Bio,
    Member::Birthday,
    Member::Country,
    Member::Email,
    Member::FirstName,
    Member::LastName,
    Member::LastSeen,
    Member::LastTyped,
    Member::Location,
    Member::Organization,
    Member::Phone,
    Member::Regions,
    Member::Title,
    Member::Twitter,
    Member::Username,
];

/// An update of the bio alone; panics where `text` is none.
pub fn bio_update(text: &str) -> UserUpdate {
    UserUpdate { bio: Change::Set(Bio::parse(text).unwrap()), ..UserUpdate::default() }
}

/// An update of the username alone; panics where `text` is none.
pub fn username_update(text: &str) -> UserUpdate {
    UserUpdate { username: Change::Set(Username::parse(text).unwrap()), ..UserUpdate::default() }
}

/// The update that makes any profile this one: it sets what is known here and clears the rest.
pub fn update_to(profile: &Profile) -> UserUpdate {
    struct To;

    impl Zip<Known, Changed, Changed> for To {
        fn active(&mut self, active: bool, _: Option<bool>) -> Option<bool> {
            Some(active)
        }

        fn member<T: MemberValue>(&mut self, _: Member, value: Option<T>, _: Change<T>) -> Change<T> {
            value.map_or(Change::Clear, Change::Set)
        }
    }

    profile.clone().zip(UserUpdate::default(), &mut To)
}

/// The update that makes one member what it is in this profile, and keeps the rest.
///
/// Each member is named here by itself, so that a member which the domain takes for another shows.
///
/// From [`Profile::default`] it clears the member (and sets `active` to true). The id has no update: `Member::Id`
/// panics.
pub fn update_member(member: Member, profile: &Profile) -> UserUpdate {
    let whole = update_to(profile);
    let none = UserUpdate::default();
    match member {
        Member::Id => panic!("the id never changes"),
        Member::Active => UserUpdate { active: whole.active, ..none },
        Member::Avatar => UserUpdate { avatar: whole.avatar, ..none },
        Member::Bio => UserUpdate { bio: whole.bio, ..none },
        Member::Birthday => UserUpdate { birthday: whole.birthday, ..none },
        Member::Country => UserUpdate { country: whole.country, ..none },
        Member::Email => UserUpdate { email: whole.email, ..none },
        Member::FirstName => UserUpdate { first_name: whole.first_name, ..none },
        Member::LastName => UserUpdate { last_name: whole.last_name, ..none },
        Member::LastSeen => UserUpdate { last_seen: whole.last_seen, ..none },
        Member::LastTyped => UserUpdate { last_typed: whole.last_typed, ..none },
        Member::Location => UserUpdate { location: whole.location, ..none },
        Member::Organization => UserUpdate { organization: whole.organization, ..none },
        Member::Phone => UserUpdate { phone: whole.phone, ..none },
        Member::Regions => UserUpdate { regions: whole.regions, ..none },
        Member::Title => UserUpdate { title: whole.title, ..none },
        Member::Twitter => UserUpdate { twitter: whole.twitter, ..none },
        Member::Username => UserUpdate { username: whole.username, ..none },
    }
}

#[cfg(test)]
mod tests {
    use users_domain::{Member, Profile, UserUpdate};

    use super::{MEMBERS, update_member, update_to};
    use crate::{full_profile, odd_profile, other_profile};

    #[test]
    fn the_members_are_all_but_the_id() {
        assert_eq!(MEMBERS.as_slice(), Member::ALL.get(1..).unwrap());
    }

    #[test]
    fn an_update_to_a_profile_makes_any_other_that_one() {
        for from in [Profile::default(), full_profile(), other_profile()] {
            for to in [Profile::default(), full_profile(), odd_profile()] {
                let mut profile = from.clone();
                profile.apply(update_to(&to));
                assert_eq!(profile, to);
            }
        }
    }

    #[test]
    fn the_updates_of_all_members_make_the_whole_one() {
        for to in [Profile::default(), other_profile()] {
            let parts = MEMBERS.into_iter().map(|member| update_member(member, &to));
            assert_eq!(parts.reduce(UserUpdate::then), Some(update_to(&to)));
        }
    }

    #[test]
    fn the_profiles_differ_in_every_member() {
        for member in MEMBERS {
            let mut profile = full_profile();
            assert!(profile.apply(update_member(member, &other_profile())), "{member}");
        }
    }
}
