use users_ports::Trouble::{self, Busy, DiskFull, ReadOnly, Replaced, Schema, Unreachable};

use crate::file_identity::REPLACED;

/// What SQLite says where there is trouble; diesel does not hand on its result codes. The first that fits counts.
const MARKS: [(Trouble, &[&str]); 6] = [
    (Replaced, &[REPLACED]),
    (DiskFull, &["database or disk is full"]),
    (ReadOnly, &["readonly database"]),
    (Busy, &["database is locked", "database table is locked", "database schema is locked"]),
    (Schema, &["no such table", "no such column"]),
    (Unreachable, &["unable to open", "Unable to open", "timed out waiting for connection"]),
];

/// What is wrong with the database that says so.
pub(crate) fn trouble_in(message: &str) -> Trouble {
    Trouble::told_by(message, &MARKS).unwrap_or(Trouble::Other)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use users_ports::Trouble;

    use super::trouble_in;

    #[rstest]
    #[case("database or disk is full", Trouble::DiskFull)]
    #[case("attempt to write a readonly database", Trouble::ReadOnly)]
    #[case("database is locked", Trouble::Busy)]
    #[case("no such table: users", Trouble::Schema)]
    #[case("Unable to open the database file", Trouble::Unreachable)]
    #[case("database disk image is malformed", Trouble::Other)]
    fn what_the_database_says_is_understood(#[case] message: &str, #[case] trouble: Trouble) {
        assert_eq!(trouble_in(message), trouble);
    }
}
