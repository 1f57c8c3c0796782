use diesel::result::{DatabaseErrorKind as Kind, Error};
use users_ports::Trouble::{self, AccessRefused, Busy, DiskFull, ReadOnly, Schema, TimedOut, Unreachable};

use crate::connect;

/// What a server says in English. diesel does not hand on the SQLSTATE of most errors, and libpq none of a connection that does
/// not come up. The first that fits counts.
const MARKS: [(Trouble, &[&str]); 7] = [
    (ReadOnly, &["read-only", "recovery conflict", "during recovery", "hot standby mode"]),
    // Before what names a role, as these do.
    (
        Busy,
        &[
            "too many clients",
            "too many connections",
            "remaining connection slots",
            "deadlock detected",
            "query_wait_timeout",
            "no more connections allowed",
        ],
    ),
    (
        AccessRefused,
        &[
            "authentication failed",
            "no password supplied",
            "no pg_hba.conf entry",
            "pg_hba.conf rejects",
            "permission denied",
            "certificate",
            "does not support SSL",
            "is not permitted to log in",
            "role \"",
            "FATAL:  database \"",
        ],
    ),
    (TimedOut, &["statement timeout", "lock timeout", "canceling statement", "timeout expired"]),
    (
        DiskFull,
        &["No space left on device", "disk full", "could not extend file", "could not write init file"],
    ),
    (Schema, &["relation \"", "column \""]),
    (Unreachable, &["the database system is", "terminating connection", "server closed the connection"]),
];

/// What libpq and the pool say by themselves.
const MARKS_OF_LIBPQ: [(Trouble, &[&str]); 2] = [
    // The server was reached, but the pooler in front of it had no session to give.
    (Busy, &["timed out waiting for connection"]),
    (
        Unreachable,
        &[
            "connection to server",
            "could not translate host name",
            "no connection to the server",
            "could not receive data from server",
            "could not send data to server",
            "SSL connection has been closed",
        ],
    ),
];

/// What is wrong with a database that answered a statement with an error.
///
/// The kind of the error decides, in every language of the server's messages; so does the time, if the statement took as
/// long as one may. What the server says is looked at only for errors that diesel gives no kind.
pub(crate) fn trouble_of(error: &Error, took_too_long: bool) -> Trouble {
    match error {
        Error::DatabaseError(Kind::ReadOnlyTransaction, _) => ReadOnly,
        Error::DatabaseError(Kind::ClosedConnection | Kind::UnableToSendCommand, _) => Unreachable,
        Error::DatabaseError(Kind::SerializationFailure, _) => Busy,
        Error::DatabaseError(Kind::Unknown, _) if took_too_long => TimedOut,
        other => trouble_in(&other.to_string()),
    }
}

/// What is wrong with a database to which no connection comes up, or that says so.
pub(crate) fn trouble_in(message: &str) -> Trouble {
    connect::trouble_of(message)
        .or_else(|| Trouble::told_by(message, &MARKS))
        // Where the server itself refuses, it may say so in any language.
        .or_else(|| is_refused_by_server(message).then_some(AccessRefused))
        .or_else(|| Trouble::told_by(message, &MARKS_OF_LIBPQ))
        .unwrap_or(Trouble::Other)
}

/// Whether libpq hands on what a server has answered to an attempt to connect: a severity, a colon and two spaces. What
/// libpq finds by itself has none, and is English, since this program sets no locale.
fn is_refused_by_server(message: &str) -> bool {
    const LONGEST_SEVERITY: usize = 24;
    message
        .split("failed: ")
        .skip(1)
        .any(|said| said.find(":  ").is_some_and(|at| at <= LONGEST_SEVERITY && !said[..at].contains(' ')))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use users_ports::Trouble;

    use super::trouble_in;

    #[rstest]
    #[case("connection to server at \"127.0.0.1\", port 1 failed: Connection refused", Trouble::Unreachable)]
    #[case(
        "could not translate host name \"db\" to address: Name or service not known",
        Trouble::Unreachable
    )]
    #[case("FATAL:  the database system is starting up", Trouble::Unreachable)]
    #[case("timed out waiting for connection", Trouble::Busy)]
    #[case("server at \"h\" failed: FATAL:  query_wait_timeout", Trouble::Busy)]
    #[case(
        "server at \"h\" failed: FATAL:  Passwort-Authentifizierung für Benutzer »u« fehlgeschlagen",
        Trouble::AccessRefused
    )]
    #[case("server at \"h\" failed: ВАЖНО:  роль \"u\" не существует", Trouble::AccessRefused)]
    #[case("connection to server at \"h\" failed: timeout expired", Trouble::TimedOut)]
    #[case(
        "server at \"h\" failed: FATAL:  password authentication failed for user \"u\"",
        Trouble::AccessRefused
    )]
    #[case("server at \"h\" failed: FATAL:  database \"nothing\" does not exist", Trouble::AccessRefused)]
    #[case("server at \"h\" failed: SSL error: certificate verify failed", Trouble::AccessRefused)]
    #[case(
        "server at \"h\" failed: server does not support SSL, but SSL was required",
        Trouble::AccessRefused
    )]
    #[case("server at \"h\" failed: FATAL:  role \"nobody\" does not exist", Trouble::AccessRefused)]
    #[case("FATAL:  sorry, too many clients already", Trouble::Busy)]
    #[case("server at \"h\" failed: FATAL:  too many connections for role \"users\"", Trouble::Busy)]
    #[case("server at \"h\" failed: FATAL:  could not write init file", Trouble::DiskFull)]
    #[case("canceling statement due to statement timeout", Trouble::TimedOut)]
    #[case("cannot execute UPDATE in a read-only transaction", Trouble::ReadOnly)]
    #[case("connection to server at \"h\" failed: session is read-only", Trouble::ReadOnly)]
    #[case("could not extend file \"base/1/2\": No space left on device", Trouble::DiskFull)]
    #[case("relation \"users\" does not exist", Trouble::Schema)]
    #[case("out of memory", Trouble::Other)]
    fn what_the_database_says_is_understood(#[case] message: &str, #[case] trouble: Trouble) {
        assert_eq!(trouble_in(message), trouble);
    }
}
