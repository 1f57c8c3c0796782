//! A user as the values of a CSV record.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use users_domain::{
    BrokenRule, Change, Known, Member, MemberValue, RuleCode, User, UserId, UserInput, Violation, Violations,
    Visit,
};

use super::active_word::active_word;
use super::csv_guard::{GUARD, guarded};
use super::csv_record::{Record, write_record};
use super::row::Wish;

/// The header of a file with all members, in the documented order.
pub fn write_header(out: &mut Vec<u8>) {
    write_record(Member::ALL.iter().map(|member| Some(member.name())), out);
}

/// The header of a file for spreadsheets.
pub fn write_guarded_header(out: &mut Vec<u8>) {
    let names = Member::ALL.map(|member| match member {
        Member::Active => member.name().to_owned(),
        member => format!("{GUARD}{member}"),
    });
    write_record(names.iter().map(|name| Some(name.as_str())), out);
}

/// Writes the user's record under [that header](write_header).
pub fn write_user(user: &User, out: &mut Vec<u8>) {
    write_record(values_of(user).iter().map(|(_, value)| value.as_deref()), out);
}

/// Writes the user's record under [the header for spreadsheets](write_guarded_header).
pub fn write_guarded_user(user: &User, out: &mut Vec<u8>) {
    let values = values_of(user);
    let guarded: Vec<_> = values
        .iter()
        .map(|(member, value)| match member {
            Member::Active => value.as_deref().map(Cow::Borrowed),
            _ => value.as_deref().map(guarded),
        })
        .collect();
    write_record(guarded.iter().map(Option::as_deref), out);
}

/// What a user has, in the order of the header.
fn values_of(user: &User) -> Vec<(Member, Option<Cow<'_, str>>)> {
    struct Values<'a>(Vec<(Member, Option<Cow<'a, str>>)>);

    impl<'a> Visit<'a, Known> for Values<'a> {
        fn active(&mut self, active: &'a bool) {
            self.0.push((Member::Active, Some(if *active { "true" } else { "false" }.into())));
        }

        fn member<T: MemberValue>(&mut self, member: Member, value: &'a Option<T>) {
            self.0.push((member, value.as_ref().map(MemberValue::text)));
        }
    }

    let mut values = Values(Vec::with_capacity(Member::ALL.len()));
    values.0.push((Member::Id, Some(user.id().as_str().into())));
    user.profile().visit(&mut values);
    values.0
}

/// A user as texts describe it, member by member; null is `None`.
#[derive(Default)]
pub struct TextUser {
    id: Option<String>,
    input: UserInput,
    violations: Violations,
}

impl TextUser {
    /// The user of a record whose values belong to these members.
    pub fn of(members: &[Option<Member>], record: Record) -> Self {
        let mut user = Self::default();
        for (member, value) in members.iter().zip(record) {
            if let Some(member) = member {
                user.set(*member, value);
            }
        }
        user
    }

    /// Notes what is said of a member.
    pub fn set(&mut self, member: Member, value: Option<String>) {
        match member {
            Member::Id => self.id = value,
            Member::Active => {
                self.input.active = match value.map(|text| flag(&text)) {
                    None => Change::Clear,
                    Some(read) => self.violations.check(member, read).map_or(Change::Keep, Change::Set),
                };
            }
            member => {
                if let Some(text) = self.input.text_mut(member) {
                    *text = value.map_or(Change::Clear, Change::Set);
                }
            }
        }
    }

    /// The valid user, or all rules that it breaks, in the documented order of the members.
    pub fn validate(self, now: DateTime<Utc>) -> Result<Wish, Vec<Violation>> {
        let Self { id, input, mut violations } = self;
        let id = id.and_then(|text| violations.check(Member::Id, UserId::parse(text)));
        match input.validate(now) {
            Ok(update) if violations.is_empty() => return Ok(Wish { id, update }),
            Ok(_) => {}
            Err(more) => violations.extend(more),
        }
        Err(violations.into_sorted())
    }
}

fn flag(text: &str) -> Result<bool, BrokenRule> {
    active_word(text).ok_or_else(|| BrokenRule::new(RuleCode::InvalidType, "must be true or false"))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use rstest::rstest;
    use users_domain::{Change, Member};

    use super::TextUser;

    fn now() -> DateTime<Utc> {
        "2026-11-01T12:00:00Z".parse().unwrap()
    }

    #[rstest]
    #[case("true", Some(true))]
    #[case("FALSE", Some(false))]
    #[case("Active", Some(true))]
    #[case("no", Some(false))]
    #[case("SUSPENDED", Some(false))]
    #[case("staged", None)]
    #[case("", None)]
    fn an_active_user_has_many_words(#[case] text: &str, #[case] expected: Option<bool>) {
        let mut user = TextUser::default();
        user.set(Member::Active, Some(text.to_owned()));
        assert_eq!(user.validate(now()).ok().map(|wish| wish.update.active.unwrap()), expected);
    }

    #[test]
    fn null_an_empty_text_and_nothing_at_all_are_three_things() {
        let members = [Member::Bio, Member::Title].map(Some);
        let wish = TextUser::of(&members, vec![None, Some(String::new())]).validate(now()).unwrap();
        assert_eq!(wish.update.bio, Change::Clear);
        assert_eq!(wish.update.title.set().map(users_domain::Label::as_str), Some(""));
        assert_eq!((wish.update.regions, wish.id), (Change::Keep, None));
    }

    #[test]
    fn everything_that_is_wrong_is_told_in_order() {
        let members = [Member::Email, Member::Active, Member::Id].map(Some);
        let record = ["x", "maybe", "a b"].map(|text| Some(text.to_owned())).into();
        let violations = TextUser::of(&members, record).validate(now()).unwrap_err();
        let told: Vec<_> = violations.iter().map(|it| (it.place(), it.rule().code().as_str())).collect();
        assert_eq!(told, [("id", "INVALID_FORMAT"), ("active", "INVALID_TYPE"), ("email", "INVALID_FORMAT")]);
    }
}
