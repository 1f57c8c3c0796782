use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Which database the service keeps its users in, as `DATABASE_URL` tells.
///
/// A URL of PostgreSQL may hold a password, so neither `Debug`, nor `Display`, nor an error shows the whole of it.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A libpq connection URI, `postgres://…` or `postgresql://…`.
    Postgres(String),
    /// The path of an SQLite file.
    Sqlite(PathBuf),
}

/// A text that names no database. It does not repeat the text, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotADatabaseUrl {
    /// The scheme is none that the service knows.
    #[error("must be postgres://USER@HOST/DATABASE, postgresql://USER@HOST/DATABASE or sqlite:PATH")]
    UnknownScheme,
    /// `sqlite:` without a path, or with the name of SQLite's database in memory.
    #[error("must name a file after \"sqlite:\", such as sqlite:users.db or sqlite:/var/lib/users/users.db")]
    NoFile,
    /// `sqlite:file:users.db`, which SQLite itself would read as a URI with a path of its own.
    #[error("must have the path alone after \"sqlite:\", without \"file:\", such as sqlite:users.db")]
    Uri,
    /// `sqlite:path?mode=ro` and the like.
    #[error("must not have options (?…) after the path of an SQLite file")]
    Options,
}

impl FromStr for DatabaseUrl {
    type Err = NotADatabaseUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let path = text.strip_prefix("sqlite:").ok_or(NotADatabaseUrl::UnknownScheme)?;
        let path = path.strip_prefix("//").unwrap_or(path);
        match path {
            "" => Err(NotADatabaseUrl::NoFile),
            _ if path.starts_with(':') => Err(NotADatabaseUrl::NoFile),
            _ if path.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("file:")) => {
                Err(NotADatabaseUrl::Uri)
            }
            _ if path.contains('?') => Err(NotADatabaseUrl::Options),
            _ => Ok(Self::Sqlite(PathBuf::from(path))),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postgres(url) => match postgres_place(url) {
                Some(place) => write!(f, "PostgreSQL at {place}"),
                None => f.write_str("PostgreSQL"),
            },
            Self::Sqlite(path) => write!(f, "SQLite in {}", path.display()),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Host, port and database of a libpq URI: what stands between the user information and the parameters.
///
/// A password with a raw `/`, `?` or `#` shifts the parts of a URI. That shows by an `@` where none belongs, and
/// then nothing of the URI is shown.
fn postgres_place(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, after) = rest.split_at(authority_end);
    if after.contains('@') {
        return None;
    }
    let place_start = authority.rfind('@').map_or(0, |at| at + 1);
    let place = rest.get(place_start..)?;
    let place = place.split(['?', '#']).next()?;
    (!place.trim_matches('/').is_empty()).then_some(place)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{DatabaseUrl, NotADatabaseUrl};

    #[rstest]
    #[case("sqlite:users.db", "users.db")]
    #[case("sqlite:var/users.db", "var/users.db")]
    #[case("sqlite:/srv/users.db", "/srv/users.db")]
    #[case("sqlite://users.db", "users.db")]
    #[case("sqlite:///srv/users.db", "/srv/users.db")]
    fn a_file_of_sqlite_is_read(#[case] text: &str, #[case] path: &str) {
        assert_eq!(text.parse(), Ok(DatabaseUrl::Sqlite(path.into())));
    }

    #[rstest]
    #[case("postgres://users@db/users")]
    #[case("postgresql:///users?host=/run/postgresql")]
    fn a_uri_of_postgresql_is_left_to_libpq(#[case] text: &str) {
        assert_eq!(text.parse(), Ok(DatabaseUrl::Postgres(text.to_owned())));
    }

    #[rstest]
    #[case("", NotADatabaseUrl::UnknownScheme)]
    #[case("users.db", NotADatabaseUrl::UnknownScheme)]
    #[case("mysql://root:hunter2@db/users", NotADatabaseUrl::UnknownScheme)]
    #[case("sqlite:", NotADatabaseUrl::NoFile)]
    #[case("sqlite://", NotADatabaseUrl::NoFile)]
    #[case("sqlite::memory:", NotADatabaseUrl::NoFile)]
    #[case("sqlite:users.db?mode=ro", NotADatabaseUrl::Options)]
    #[case("sqlite:file:users.db", NotADatabaseUrl::Uri)]
    #[case("sqlite:FILE:users.db?mode=ro", NotADatabaseUrl::Uri)]
    #[case("sqlite:file::memory:", NotADatabaseUrl::Uri)]
    #[case("sqlite://:memory:", NotADatabaseUrl::NoFile)]
    fn what_names_no_database_is_refused(#[case] text: &str, #[case] error: NotADatabaseUrl) {
        assert_eq!(text.parse::<DatabaseUrl>(), Err(error));
        assert!(!error.to_string().contains("hunter2"));
    }

    #[rstest]
    #[case("postgres://ada:hunter2@db:5432/users", "PostgreSQL at db:5432/users")]
    #[case("postgres://ada:hunter2@a,b/users?sslmode=require", "PostgreSQL at a,b/users")]
    #[case("postgres://ada:hun@ter2@db/users", "PostgreSQL at db/users")]
    #[case("postgres://db/users?user=ada&password=hunter2", "PostgreSQL at db/users")]
    #[case("postgres://db/users?password=a@hunter2", "PostgreSQL")]
    #[case("postgres://ada:hun/ter2@db/users", "PostgreSQL")]
    #[case("postgres://ada:hun?ter2@db/users", "PostgreSQL")]
    #[case("postgres://ada:hun#ter2@db/users", "PostgreSQL")]
    #[case("postgresql:///users", "PostgreSQL at /users")]
    #[case("postgres://", "PostgreSQL")]
    fn no_password_is_shown(#[case] text: &str, #[case] shown: &str) {
        let url: DatabaseUrl = text.parse().unwrap();
        assert_eq!(url.to_string(), shown);
        assert_eq!(format!("{url:?}"), shown);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_no_password_is_shown(user in "[ -~]{0,12}", after in "[ -~]{0,20}") {
            for text in [format!("{user}{after}"), format!("sqlite:{user}"), format!("postgres://{user}:hunter2@db{after}")] {
                if let Ok(url) = text.parse::<DatabaseUrl>() {
                    prop_assert!(!format!("{url} {url:?}").contains("hunter2"), "{url}");
                }
            }
        }
    }
}
