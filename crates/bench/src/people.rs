//! The users that the benchmark works on: made up, but of the size and variety of real ones.

use crate::random::Random;

/// The columns of the table `users`, in the order in which both loaders write them.
pub const COLUMNS: [&str; 25] = [
    "id",
    "version",
    "modified_at",
    "active",
    "avatar",
    "bio",
    "birthday",
    "country",
    "email",
    "email_key",
    "first_name",
    "first_name_key",
    "last_name",
    "last_name_key",
    "last_seen",
    "last_typed",
    "location",
    "organization",
    "organization_key",
    "phone",
    "regions",
    "title",
    "twitter",
    "username",
    "username_key",
];

/// Ids are the decimal numbers from here on: always ten digits, so that a request is filled in without being
/// built anew, and so that `pgbench`, which knows numbers only, can draw one as well.
pub const FIRST_ID: u64 = 1_000_000_000;

/// 2025-01-01T00:00:00Z in microseconds since 1970.
const NEW_YEAR: i64 = 1_735_689_600_000_000;
const MICROS_PER_DAY: u64 = 86_400_000_000;

const FIRST_NAMES: [&str; 12] = [
    "Ada",
    "Grace",
    "Edsger",
    "Barbara",
    "Alan",
    "Radia",
    "Donald",
    "Frances",
    "Niklaus",
    "Katherine",
    "Tony",
    "Karen",
];
const LAST_NAMES: [&str; 12] = [
    "Lovelace", "Hopper", "Dijkstra", "Liskov", "Turing", "Perlman", "Knuth", "Allen", "Wirth", "Johnson",
    "Hoare", "Jones",
];
const COUNTRIES: [&str; 8] = ["DE", "GB", "US", "FR", "JP", "IN", "BR", "NG"];
const CITIES: [&str; 8] = ["Hamburg", "London", "Austin, Texas", "Lyon", "Osaka", "Pune", "Recife", "Lagos"];
const ORGANIZATIONS: [&str; 6] = [
    "Analytical Engines Ltd",
    "Compiler Works",
    "Bridge & Tunnel",
    "Northern Rail",
    "Clinic at the Park",
    "Acme",
];
const REGIONS: [&str; 4] = ["EMEA", "AMER", "APAC", "EMEA,AMER"];
const TITLES: [&str; 6] = ["Engineer", "Head of Support", "Buyer", "Analyst", "Store Manager", "Volunteer"];
const SENTENCES: [&str; 6] = [
    "Writes programs for machines that have not been built yet.",
    "Has looked after customers on three continents and in five languages.",
    "Spends the weekends on a bicycle, whatever the weather.",
    "Collects maps, and gets lost all the same.",
    "Answers mail in the morning, the phone in the afternoon.",
    "Believes that most meetings could have been a note.",
];

/// One user, as the columns of the table hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// See [`FIRST_ID`].
    pub id: String,
    /// The version, as the service gives it to a new user: the microsecond of its creation.
    pub version: i64,
    /// When the user was made, in microseconds since 1970.
    pub modified_at: i64,
    /// When the user was last seen, in microseconds since 1970.
    pub last_seen: i64,
    /// When the user last typed, in microseconds since 1970.
    pub last_typed: i64,
    /// The text columns from `avatar` on, each with the name of its column.
    pub texts: Vec<(&'static str, String)>,
}

impl Person {
    /// The person with this number; the same one every time.
    pub fn numbered(number: u64) -> Self {
        let mut random = Random::from_seed(number);
        let modified_at = NEW_YEAR + instant_within(&mut random, 30);
        let last_seen = modified_at + instant_within(&mut random, 200);
        Self {
            id: (FIRST_ID + number).to_string(),
            version: modified_at,
            modified_at,
            last_seen,
            last_typed: last_seen - instant_within(&mut random, 1),
            texts: texts(number, &mut random),
        }
    }

    /// The text in a column; empty where the column holds none.
    pub fn text(&self, column: &str) -> &str {
        self.texts.iter().find(|(name, _)| *name == column).map_or("", |(_, text)| text.as_str())
    }
}

fn instant_within(random: &mut Random, days: u64) -> i64 {
    i64::try_from(random.below(days * MICROS_PER_DAY)).unwrap_or(0)
}

fn texts(number: u64, random: &mut Random) -> Vec<(&'static str, String)> {
    let (first, last) = (random.choose(&FIRST_NAMES), random.choose(&LAST_NAMES));
    let username = format!("{first}.{last}.{number}");
    let (email, organization) =
        (format!("{}@example.org", username.to_lowercase()), random.choose(&ORGANIZATIONS));
    let bio = format!("{} {}", random.choose(&SENTENCES), random.choose(&SENTENCES));
    let birthday =
        format!("{}-{:02}-{:02}", 1950 + random.below(55), 1 + random.below(12), 1 + random.below(28));
    vec![
        ("avatar", format!("https://img.example.org/users/{number}/{:016x}.jpg", random.next())),
        ("bio", bio),
        ("birthday", birthday),
        ("country", random.choose(&COUNTRIES).to_owned()),
        ("email_key", email.clone()),
        ("email", email),
        ("first_name_key", first.to_lowercase()),
        ("first_name", first.to_owned()),
        ("last_name_key", last.to_lowercase()),
        ("last_name", last.to_owned()),
        ("location", random.choose(&CITIES).to_owned()),
        ("organization_key", organization.to_lowercase()),
        ("organization", organization.to_owned()),
        ("phone", format!("+49 40 {:07}", random.below(10_000_000))),
        ("regions", random.choose(&REGIONS).to_owned()),
        ("title", random.choose(&TITLES).to_owned()),
        ("twitter", format!("@u{number}")),
        ("username_key", username.to_lowercase()),
        ("username", username),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{COLUMNS, Person};

    #[test]
    fn a_number_names_one_person_and_no_two_share_an_id_or_a_username() {
        assert_eq!(Person::numbered(5), Person::numbered(5));
        let people: Vec<Person> = (0..1_000).map(Person::numbered).collect();
        assert_eq!(people.iter().map(|person| &person.id).collect::<HashSet<_>>().len(), 1_000);
        assert_eq!(
            people.iter().map(|person| person.text("username_key")).collect::<HashSet<_>>().len(),
            1_000
        );
        assert!(people.iter().all(|person| person.id.len() == 10));
    }

    #[test]
    fn every_text_belongs_to_a_column_and_needs_no_quoting() {
        let person = Person::numbered(999_999);
        assert!(person.texts.iter().all(|(name, text)| COLUMNS.contains(name) && !text.is_empty()));
        assert!(person.texts.iter().all(|(_, text)| !text.contains(['\t', '\n', '\\'])));
        assert_eq!(person.texts.len() + 6, COLUMNS.len(), "and those that are no text");
    }
}
