use std::fmt;
use std::str::FromStr;

use crate::Member;

/// The members a person may change on their own user.
///
/// [`SelfEditable::USUAL`] is the policy where nothing else is said: what people tell of themselves. What others rely on
/// is not in it and has to be named: `email`, where access to accounts may be sent; `username`, by which others know the
/// user; `organization` and `regions`, by which others may decide what the user gets to see; `last_seen` and `last_typed`,
/// which programs note. `active` can never be included: a deactivated person must not reactivate themselves. `id` is in none, since it never changes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SelfEditable(u32);

/// A name that is not one of a member which a person may be allowed to set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotSelfEditable(String);

impl SelfEditable {
    /// The usual policy.
    pub const USUAL: [Member; 10] = [
        Member::Avatar,
        Member::Bio,
        Member::Birthday,
        Member::Country,
        Member::FirstName,
        Member::LastName,
        Member::Location,
        Member::Phone,
        Member::Title,
        Member::Twitter,
    ];

    /// What no policy has.
    pub const NEVER: [Member; 2] = [Member::Id, Member::Active];

    /// Whether the person may set the member.
    pub const fn allows(self, member: Member) -> bool {
        self.0 & (1 << member as u32) != 0
    }

    /// The members that a person may be allowed to set, in their order.
    fn choice() -> impl Iterator<Item = Member> {
        Member::ALL.into_iter().filter(|member| !Self::NEVER.contains(member))
    }

    fn of(members: impl IntoIterator<Item = Member>) -> Self {
        Self(members.into_iter().fold(0, |set, member| set | (1 << member as u32)))
    }
}

impl Default for SelfEditable {
    fn default() -> Self {
        Self::of(Self::USUAL)
    }
}

impl FromStr for SelfEditable {
    type Err = NotSelfEditable;

    /// Reads names of members with commas between; at least one.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let member = |name: &str| {
            let found = Self::choice().find(|member| member.name() == name);
            found.ok_or_else(|| NotSelfEditable(name.to_owned()))
        };
        text.split(',').map(|name| member(name.trim())).collect::<Result<Vec<_>, _>>().map(Self::of)
    }
}

impl fmt::Display for SelfEditable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_names(f, Self::choice().filter(|member| self.allows(*member)), ",")
    }
}

impl fmt::Debug for SelfEditable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SelfEditable({self})")
    }
}

impl fmt::Display for NotSelfEditable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" is not a member that a person may set; those are ", self.0)?;
        write_names(f, SelfEditable::choice(), ", ")
    }
}

impl std::error::Error for NotSelfEditable {}

fn write_names(
    f: &mut fmt::Formatter<'_>,
    members: impl Iterator<Item = Member>,
    separator: &str,
) -> fmt::Result {
    for (place, member) in members.enumerate() {
        if place > 0 {
            f.write_str(separator)?;
        }
        f.write_str(member.name())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::SelfEditable;
    use crate::Member;

    #[test]
    fn a_policy_is_read_as_it_is_written() {
        let policy: SelfEditable = "bio, avatar,bio".parse().unwrap();
        assert_eq!(policy.to_string(), "avatar,bio");
        let usual = SelfEditable::default().to_string();
        assert_eq!(usual, "avatar,bio,birthday,country,firstName,lastName,location,phone,title,twitter");
        assert_eq!(usual.parse(), Ok(SelfEditable::default()));
    }

    #[test]
    fn a_policy_allows_what_it_names_and_no_more() {
        for member in Member::ALL {
            assert_eq!(SelfEditable::default().allows(member), SelfEditable::USUAL.contains(&member));
            match member.name().parse::<SelfEditable>() {
                Ok(policy) => {
                    let allowed: Vec<_> = Member::ALL.into_iter().filter(|it| policy.allows(*it)).collect();
                    assert_eq!(allowed, [member]);
                }
                Err(_) => assert!(SelfEditable::NEVER.contains(&member), "{member} cannot be allowed"),
            }
        }
    }

    #[rstest]
    #[case::never("active", "active")]
    #[case::never_among_others("bio,id", "id")]
    #[case::unknown("bio,nickname", "nickname")]
    #[case::alias("first_name", "first_name")]
    #[case::case("Bio", "Bio")]
    #[case::nothing("", "")]
    #[case::a_comma_too_many("bio,", "")]
    fn anything_else_is_refused_by_its_name(#[case] text: &str, #[case] name: &str) {
        let error = text.parse::<SelfEditable>().unwrap_err().to_string();
        assert!(error.starts_with(&format!(
            "\"{name}\" is not a member that a person may set; those are avatar, bio,"
        )));
    }
}
