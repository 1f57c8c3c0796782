use std::path::Path;
use std::sync::LazyLock;

use users_http::BuildInfo;

/// What this program was built of. A build from a commit names it in `USERS_REVISION`: asking git would make two builds of
/// the same sources differ.
pub const BUILD: BuildInfo = BuildInfo {
    version: env!("CARGO_PKG_VERSION"),
    revision: match option_env!("USERS_REVISION") {
        Some(revision) => revision,
        None => "unknown",
    },
    rustc: env!("USERS_RUSTC_VERSION"),
};

/// What `users --version` writes behind the name: what a report of a fault needs.
pub fn long_version() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let BuildInfo { version, revision, rustc } = BUILD;
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
        let libpq = libpq_version(&maps).unwrap_or("of unknown version");
        let sqlite = users_sqlite::SQLITE_VERSION;
        format!("{version}\nrevision {revision}\nrustc {rustc}\nlibpq {libpq}\nSQLite {sqlite}")
    });
    &TEXT
}

/// The version of the libpq that is loaded, by the name of its file: `libpq.so.5.15` is the one of PostgreSQL 15.
fn libpq_version(maps: &str) -> Option<&str> {
    let mut names = maps
        .lines()
        .filter_map(|line| Path::new(line.split_ascii_whitespace().last()?).file_name()?.to_str());
    names.find_map(|name| name.strip_prefix("libpq.so."))
}

#[cfg(test)]
mod tests {
    use super::libpq_version;

    #[test]
    fn the_library_is_found_by_its_file() {
        let maps = "7f1 r--p 0 08:01 1 /usr/lib/libssl.so.3\n7f2 r-xp 0 08:01 2 /usr/lib/libpq.so.5.15\n7f3 rw-p 0 00:00 0";
        assert_eq!(libpq_version(maps), Some("5.15"));
        assert_eq!(libpq_version("7f3 rw-p 0 00:00 0 \n"), None);
    }
}
