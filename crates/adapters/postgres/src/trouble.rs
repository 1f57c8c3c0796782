use users_ports::Trouble::{self, AccessRefused, Busy, DiskFull, ReadOnly, Schema, TimedOut, Unreachable};

/// What PostgreSQL and libpq say, in English, where there is trouble; diesel does not hand on the SQLSTATE, and there is
/// none where no connection comes up. The first that fits counts.
const MARKS: [(Trouble, &[&str]); 7] = [
    (ReadOnly, &["read-only", "recovery conflict", "during recovery", "hot standby mode"]),
    // Before what names a role, as these do.
    (Busy, &["too many clients", "too many connections", "remaining connection slots", "deadlock detected"]),
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
    (
        Unreachable,
        &[
            "connection to server",
            "could not translate host name",
            "server closed the connection",
            "terminating connection",
            "no connection to the server",
            "could not receive data from server",
            "could not send data to server",
            "the database system is",
            "SSL connection has been closed",
            "timed out waiting for connection",
        ],
    ),
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
    #[case("connection to server at \"127.0.0.1\", port 1 failed: Connection refused", Trouble::Unreachable)]
    #[case(
        "could not translate host name \"db\" to address: Name or service not known",
        Trouble::Unreachable
    )]
    #[case("FATAL:  the database system is starting up", Trouble::Unreachable)]
    #[case("timed out waiting for connection", Trouble::Unreachable)]
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
