use chrono::{DateTime, Utc};
use users_domain::{
    Avatar, Bio, Birthday, Country, Email, Label, Location, Moment, PersonName, Phone, Profile, Twitter,
    User, UserId, Username,
};
use users_ports::{Scopes, TokenRecord};

/// The instant that builders take for the present: noon of 1 November 2026 UTC, and 123 456 microseconds.
pub fn noon() -> DateTime<Utc> {
    "2026-11-01T12:00:00.123456Z".parse().unwrap()
}

/// An id; panics where `text` is none.
pub fn user_id(text: &str) -> UserId {
    UserId::parse(text).unwrap()
}

/// A username; panics where `text` is none.
pub fn username(text: &str) -> Username {
    Username::parse(text).unwrap()
}

/// A user of whom nothing but the id is known, made at [`noon`].
pub fn minimal_user(id: &str) -> User {
    User::create(user_id(id), Profile::default(), noon())
}

/// A user of whom the username alone is known, made at [`noon`].
pub fn named_user(id: &str, name: &str) -> User {
    User::create(user_id(id), Profile { username: Some(username(name)), ..Profile::default() }, noon())
}

/// A user of whom everything is known, as [`full_profile`] has it, made at [`noon`].
pub fn full_user(id: &str) -> User {
    User::create(user_id(id), full_profile(), noon())
}

/// All 17 members, each with an everyday value; the username is `Ada`.
pub fn full_profile() -> Profile {
    Profile {
        active: true,
        avatar: Some(Avatar::parse("https://example.org/ada.png").unwrap()),
        bio: Some(Bio::parse("Mathematician.\nWrote the first program.").unwrap()),
        birthday: Some(birthday("1915-12-10")),
        country: Some(Country::parse("GB").unwrap()),
        email: Some(Email::parse("ada@example.org").unwrap()),
        first_name: Some(PersonName::parse("Ada").unwrap()),
        last_name: Some(PersonName::parse("Lovelace").unwrap()),
        last_seen: Some(moment("2026-10-31T08:15:30.250Z")),
        last_typed: Some(moment("2026-10-31T08:14:00Z")),
        location: Some(Location::parse("12 St James's Square, London").unwrap()),
        organization: Some(Label::parse("Analytical Engines").unwrap()),
        phone: Some(Phone::parse("+44 20 7946 0018").unwrap()),
        regions: Some(Label::parse("Europe, Middle East").unwrap()),
        title: Some(Label::parse("Countess").unwrap()),
        twitter: Some(Twitter::parse("@ada").unwrap()),
        username: Some(username("Ada")),
    }
}

/// All 17 members, each with another value than in [`full_profile`]; the username is `grace.h`.
pub fn other_profile() -> Profile {
    Profile {
        active: false,
        avatar: Some(Avatar::parse("/pictures/grace.jpg").unwrap()),
        bio: Some(Bio::parse("Found the first bug.").unwrap()),
        birthday: Some(birthday("1906-12-09")),
        country: Some(Country::parse("USA").unwrap()),
        email: Some(Email::parse("grace.hopper+navy@example.com").unwrap()),
        first_name: Some(PersonName::parse("Grace").unwrap()),
        last_name: Some(PersonName::parse("Hopper").unwrap()),
        last_seen: Some(moment("2026-11-01T11:59:59.999999Z")),
        last_typed: Some(moment("2026-11-01T11:59:59.000001Z")),
        location: Some(Location::parse("Arlington").unwrap()),
        organization: Some(Label::parse("US Navy").unwrap()),
        phone: Some(Phone::parse("(703) 555-0142 ext. 7").unwrap()),
        regions: Some(Label::parse("Americas").unwrap()),
        title: Some(Label::parse("Rear Admiral").unwrap()),
        twitter: Some(Twitter::parse("grace_h").unwrap()),
        username: Some(username("grace.h")),
    }
}

/// All 17 members at the edge of what they can be: empty texts, odd Unicode, quotes, and instants at both ends of
/// the calendar.
pub fn odd_profile() -> Profile {
    Profile {
        active: false,
        avatar: Some(Avatar::parse("").unwrap()),
        // Decomposed letters, a family joined by U+200D, right-to-left text and the last character that is no noncharacter.
        bio: Some(
            Bio::parse("e\u{301} é \u{1F469}\u{200D}\u{1F467} \u{5E2}\u{5D1}\u{5E8} \u{10FFFD}\r\n\t%_\\'\"")
                .unwrap(),
        ),
        birthday: Some(birthday("1900-01-01")),
        country: Some(Country::parse("Côte d'Ivoire").unwrap()),
        email: Some(Email::parse("o'brien%a_b@example.org").unwrap()),
        first_name: Some(PersonName::parse("  X Æ A-Xii ").unwrap()),
        last_name: Some(PersonName::parse("O'Brien; DROP TABLE users --").unwrap()),
        last_seen: Some(Moment::from_stored("0000-01-01T00:00:00.000001Z".parse().unwrap())),
        last_typed: Some(Moment::from_stored("9999-12-31T23:59:59.999999Z".parse().unwrap())),
        location: Some(Location::parse("").unwrap()),
        organization: Some(Label::parse("𝔄𝔠𝔪𝔢 \u{FFFD}\u{2028}$1 {} ?").unwrap()),
        phone: Some(Phone::parse("1234").unwrap()),
        regions: Some(Label::parse("null").unwrap()),
        title: Some(Label::parse(" - ").unwrap()),
        twitter: Some(Twitter::parse("_").unwrap()),
        username: Some(username("Ωmega-ÉCOLE")),
    }
}

/// A token that was made at [`noon`], never expires and allows everything; its secret is 32 times the id's length.
pub fn token_record(id: &str) -> TokenRecord {
    TokenRecord {
        id: id.to_owned(),
        name: format!("the token {id}"),
        secret_hash: [u8::try_from(id.len()).unwrap(); 32],
        grant: Scopes::all().into(),
        created_at: noon(),
        expires_at: None,
        revoked_at: None,
        last_used_on: None,
    }
}

fn birthday(text: &str) -> Birthday {
    Birthday::parse(text, noon()).unwrap()
}

fn moment(text: &str) -> Moment {
    Moment::parse(text, noon()).unwrap()
}
