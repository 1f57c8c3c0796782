use std::time::Duration;

/// How the store is reached and used.
#[derive(Clone)]
pub struct PostgresSettings {
    /// A libpq connection URI, `postgres://…` or `postgresql://…`; it may name several hosts.
    pub url: String,
    /// The most connections that write, each with a thread of its own. Up to
    /// [`Gather::MAX_BATCH`](users_gather::Gather) updates share a statement, so one or two do most of the work; more
    /// come in where the disk is slow to flush.
    pub write_connections: usize,
    /// Connections that read, each with a thread of its own.
    pub read_connections: usize,
    /// Updates that may wait, and as many reads; one more is refused at once.
    pub queue_capacity: usize,
    /// The longest that a connection may take to come up, and that a request waits for one.
    pub connect_timeout: Duration,
    /// The longest that a statement may take in the database.
    pub statement_timeout: Duration,
    /// What a connection is to the database.
    pub pooling: Pooling,
}

/// What a connection is to the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pooling {
    /// A session of its own: that of PostgreSQL itself, or of a pooler that keeps sessions apart. This is checked.
    #[default]
    Session,
    /// A session for each transaction, such as PgBouncer gives with `pool_mode = transaction`. No statement is then kept
    /// prepared, and what the sessions need to be set to must be set for the role.
    Transaction,
}

impl PostgresSettings {
    /// The URI with the settings of the connection that neither it nor a variable of libpq's names.
    ///
    /// Fails with a sentence for the operator where the text is no URI that libpq can read. The sentence does not
    /// hold the URI, which may hold a password.
    pub(crate) fn full_url(&self) -> Result<String, String> {
        // An empty one is none to libpq where a URI names the setting, and no value that it could use where none does.
        self.full_url_beside(|variable| std::env::var_os(variable).is_some_and(|value| !value.is_empty()))
    }

    fn full_url_beside(&self, is_set: impl Fn(&str) -> bool) -> Result<String, String> {
        let query = check(&self.url)?;
        let named = |key: &str| {
            let variable = VARIABLES.iter().find(|(of, _)| *of == key);
            variable.is_some_and(|(_, variable)| is_set(variable))
                || query.split('&').any(|pair| pair.split('=').next() == Some(key))
        };
        let defaults = [
            // libpq counts in whole seconds and takes 1 for 2.
            ("connect_timeout", self.connect_timeout.as_secs().max(2).to_string()),
            ("application_name", "users".to_owned()),
            // TLS encrypts. With GSS, libpq looks for a Kerberos ticket on every connection.
            ("gssencmode", "disable".to_owned()),
            // A peer that is gone without a word is noticed.
            ("keepalives_idle", "10".to_owned()),
            ("keepalives_interval", "5".to_owned()),
            ("keepalives_count", "3".to_owned()),
            ("tcp_user_timeout", "15000".to_owned()),
        ];
        let mut url = self.url.clone();
        let mut separator = if self.url.contains('?') { '&' } else { '?' };
        for (key, value) in defaults.iter().filter(|(key, _)| !named(key)) {
            url = format!("{url}{separator}{key}={value}");
            separator = '&';
        }
        Ok(url)
    }
}

/// Variables of libpq for settings that are otherwise added to the URI, where they would win over the variable.
const VARIABLES: [(&str, &str); 2] = [("application_name", "PGAPPNAME"), ("gssencmode", "PGGSSENCMODE")];

/// The parameters that a URI may name (PostgreSQL 15 to 18, section "Parameter Key Words").
const PARAMETERS: &[&str] = &[
    "application_name",
    "channel_binding",
    "client_encoding",
    "connect_timeout",
    "dbname",
    "fallback_application_name",
    "gssdelegation",
    "gssencmode",
    "gsslib",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "load_balance_hosts",
    "max_protocol_version",
    "min_protocol_version",
    "oauth_client_id",
    "oauth_client_secret",
    "oauth_issuer",
    "oauth_scope",
    "options",
    "passfile",
    "password",
    "port",
    "replication",
    "require_auth",
    "requirepeer",
    "requiressl",
    "scram_client_key",
    "scram_server_key",
    "service",
    "ssl",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "sslcert",
    "sslcertmode",
    "sslcompression",
    "sslcrl",
    "sslcrldir",
    "sslkey",
    "sslkeylogfile",
    "sslmode",
    "sslnegotiation",
    "sslpassword",
    "sslrootcert",
    "sslsni",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

/// What is most likely wrong if a URI has an `@` behind a `/` or a `?`.
const RAW_DELIMITER: &str = "a / or ? in the user or the password must be written %2F or %3F";

/// Checks what libpq would find wrong with the URI on every attempt to connect, and gives its query.
fn check(url: &str) -> Result<&str, String> {
    let rest = ["postgres://", "postgresql://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    let rest = rest.ok_or("it must begin with postgres:// or postgresql://")?;
    if rest.bytes().any(|byte| byte.is_ascii_control() || byte == b' ') {
        return Err("it must not hold blanks or control characters".to_owned());
    }
    let well_escaped = rest.split('%').skip(1).all(|after| {
        let digits = after.as_bytes().iter().take(2);
        digits.clone().count() == 2 && digits.clone().all(u8::is_ascii_hexdigit) && !after.starts_with("00")
    });
    if !well_escaped {
        return Err(
            "a % must be followed by two hexadecimal digits (write %25 for the sign itself)".to_owned()
        );
    }
    let (main, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = main.split_once('/').unwrap_or((main, ""));
    // The end of a password would stand in the name of the database or of a parameter.
    let user_is_cut = !authority.contains('@') && rest.contains('@');
    if user_is_cut && path.contains('@') {
        return Err(RAW_DELIMITER.to_owned());
    }
    check_hosts(authority).map_err(|error| if user_is_cut { RAW_DELIMITER.to_owned() } else { error })?;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let key = pair.split_once('=').map(|(key, _)| key);
        if user_is_cut && !key.is_some_and(|key| PARAMETERS.contains(&key)) {
            return Err(RAW_DELIMITER.to_owned());
        }
        let key = key.ok_or("each parameter behind the ? must be written name=value")?;
        if !PARAMETERS.contains(&key) {
            return Err(format!("PostgreSQL knows no connection parameter {key:?}"));
        }
    }
    Ok(query)
}

/// Checks `user:password@host:port,host:port`.
fn check_hosts(authority: &str) -> Result<(), String> {
    let hosts = authority.split_once('@').map_or(authority, |(_, hosts)| hosts);
    if hosts.contains('@') {
        // libpq would take the end of a password for a host, and tell it to everybody.
        return Err("an @ in the user or the password must be written %40".to_owned());
    }
    for host in hosts.split(',') {
        let after_address = match host.strip_prefix('[') {
            Some(v6) => v6.split_once(']').ok_or("an IPv6 address must end with ]")?.1,
            None => host.find(':').and_then(|at| host.get(at..)).unwrap_or_default(),
        };
        let port = after_address.strip_prefix(':').unwrap_or(after_address);
        if !port.is_empty() && !port.parse::<u16>().is_ok_and(|port| port > 0) {
            return Err("a port must be a number from 1 to 65535".to_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Pooling, PostgresSettings};

    fn full_url(url: &str) -> Result<String, String> {
        full_url_beside(url, &[])
    }

    fn full_url_beside(url: &str, variables: &[&str]) -> Result<String, String> {
        let settings = PostgresSettings {
            url: url.to_owned(),
            write_connections: 1,
            read_connections: 1,
            queue_capacity: 1,
            connect_timeout: Duration::from_secs(3),
            statement_timeout: Duration::from_secs(3),
            pooling: Pooling::default(),
        };
        settings.full_url_beside(|variable| variables.contains(&variable))
    }

    #[test]
    fn what_the_url_does_not_name_is_added() {
        let url =
            full_url("postgres://u:p%40@[::1]:5433,other/db?connect_timeout=9&sslmode=require").unwrap();
        assert!(url.starts_with("postgres://u:p%40@[::1]:5433,other/db?connect_timeout=9&sslmode=require&"));
        assert!(!url.contains("connect_timeout=3") && url.contains("&tcp_user_timeout=15000"));
        assert!(full_url("postgresql:///db").unwrap().contains("/db?connect_timeout=3&"));
        assert!(url.contains("&gssencmode=disable"));
        assert!(!full_url("postgres:///db?gssencmode=require").unwrap().contains("disable"));
        assert!(!full_url_beside("postgres:///db", &["PGGSSENCMODE"]).unwrap().contains("gssencmode"));
        assert!(!full_url_beside("postgres:///db", &["PGAPPNAME"]).unwrap().contains("application_name"));
    }

    #[test]
    fn what_libpq_could_never_read_is_refused() {
        for (url, part) in [
            ("mysql://h/db", "postgres://"),
            ("postgres://h:port/db", "port"),
            ("postgres://h:0/db", "port"),
            ("postgres://u:100%@h/db", "%25"),
            ("postgres://u:pass@word@h/db", "%40"),
            ("postgres://[::1/db", "IPv6"),
            ("postgres://h/db?sslmod=require", "sslmod"),
            ("postgres://h/db?sslmode", "name=value"),
            ("postgres://h /db", "blanks"),
            ("postgres://u:pass/word@h/db", "%2F"),
            ("postgres://u:123/word@h/db", "%2F"),
            ("postgres://u:pass?word@h/db", "%3F"),
            ("postgres://u:123?wo=rd@h/db?sslmode=require", "%3F"),
        ] {
            let error = full_url(url).unwrap_err();
            assert!(error.contains(part), "{url}: {error}");
        }
        for url in ["postgres://u:a%2Fb%3F@h/db", "postgres://h/db?user=u&password=a@b/?"] {
            assert!(full_url(url).is_ok(), "{url}");
        }
    }
}
