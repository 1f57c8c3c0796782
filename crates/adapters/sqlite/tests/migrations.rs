//! Migrations that change what is already there.

#[cfg(test)]
mod migrations {
    use std::path::Path;
    use std::time::Duration;

    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;
    use users_domain::{
        Change, Email, PageBounds, Precondition, SearchPrefix, SearchQuery, UserFilter, UserId, UserQuery,
        UserUpdate, Username,
    };
    use users_ports::{Directory as _, Migrator, Users as _};
    use users_sqlite::{SqliteSettings, SqliteStore};
    use users_testkit::UserStore as _;

    /// How many users a prefix finds.
    async fn found(store: &SqliteStore, prefix: &str) -> usize {
        let mut query = SearchQuery {
            prefix: SearchPrefix::parse(prefix).unwrap(),
            after: None,
            limit: PageBounds::new(200, 0).unwrap(),
        };
        let mut count = 0;
        loop {
            let page = store.search(&query).await.unwrap();
            count += page.users.len();
            match page.next {
                Some(next) => query.after = Some(next),
                None => return count,
            }
        }
    }

    fn open(path: &Path) -> SqliteStore {
        SqliteStore::open(&SqliteSettings {
            path: path.to_owned(),
            read_connections: 1,
            queue_capacity: 1_000,
            busy_timeout: Duration::from_secs(5),
        })
        .unwrap()
    }

    #[tokio::test]
    async fn search_keys_of_older_rules_are_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users.db");
        let store = open(&path);
        store.migrate().await.unwrap();
        let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        // More than are read in one go; every other one as the older rules would have it, or SQL.
        let before = "DELETE FROM __diesel_schema_migrations WHERE version = '20261125000000'; \
            WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 2500) INSERT INTO users \
            (id, version, modified_at, active, first_name, first_name_key, last_name, last_name_key, organization, \
             organization_key) \
            SELECT 'u' || i, i, 0, true, 'ＡＤＡ', 'ａｄａ', 'LOVE', 'love', 'ΝΙΚΟΣ', 'ΝΙΚΟΣ' FROM numbers; \
            UPDATE users SET first_name = NULL, first_name_key = NULL, organization = 'X', organization_key = 'kept' \
            WHERE version % 2 = 0";
        connection.batch_execute(before).unwrap();
        for (prefix, expected) in [("ada", 0), ("νικος", 0), ("love", 2_500), ("kept", 1_250)] {
            assert_eq!(found(&store, prefix).await, expected, "{prefix}");
        }
        assert_eq!(store.migrate().await.unwrap(), ["2026-11-25-000000_search_keys_anew"]);
        // A member of ASCII alone has the same key by every rule, and is not looked at.
        for (prefix, expected) in [("ada", 1_250), ("νικος", 1_250), ("love", 2_500), ("kept", 1_250)] {
            assert_eq!(found(&store, prefix).await, expected, "{prefix}");
        }
        let user = store.find(&"u1".parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(user.profile().first_name.as_ref().unwrap().as_str(), "ＡＤＡ");
    }

    /// Usernames that an older rule told apart, and addresses whose domain has two forms.
    #[tokio::test]
    async fn keys_of_the_older_rule_are_made_anew_and_no_user_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users.db");
        let store = open(&path);
        store.migrate().await.unwrap();
        let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        connection
            .batch_execute(
                "DELETE FROM __diesel_schema_migrations WHERE version = '20261127000000'; \
                 INSERT INTO users (id, version, modified_at, active, username, username_key, email, email_key) VALUES \
                 ('a', 1, 0, 1, 'ΝΊΚΟΣ', 'νίκοσ', 'a@xn--mnchen-3ya.de', 'a@xn--mnchen-3ya.de'), \
                 ('b', 1, 0, 1, 'νίκος', 'νίκος', NULL, NULL), \
                 ('c', 1, 0, 1, 'Λόγος', 'λόγος', NULL, NULL), \
                 ('d', 1, 0, 1, 'Ada', 'ada', 'Ada@Example.org', 'ada@example.org')",
            )
            .unwrap();
        assert_eq!(store.migrate().await.unwrap(), ["2026-11-27-000000_keys_anew"]);
        let by_name = |name: &str| UserFilter {
            username: Some(Username::parse(name).unwrap().key()),
            ..UserFilter::default()
        };
        for (name, id) in [("νίκος", "a"), ("λόγοσ", "c"), ("ADA", "d")] {
            let page =
                store.list(&UserQuery { filter: by_name(name), ..UserQuery::default() }).await.unwrap();
            let ids: Vec<_> = page.users.iter().map(|user| user.id().as_str()).collect();
            assert_eq!(ids, [id], "{name}");
        }
        let email = Some(Email::parse("A@MÜNCHEN.de").unwrap().key());
        let filter = UserFilter { email, ..UserFilter::default() };
        assert_eq!(store.count(&filter).await, Ok(1));
        // The second of two names that have become equal keeps its name, and can be changed in everything else.
        let id: UserId = "b".parse().unwrap();
        let update = UserUpdate { title: Change::Set("x".parse().unwrap()), ..UserUpdate::default() };
        let user =
            store.update(&id, update, Precondition::Exists, chrono::DateTime::UNIX_EPOCH).await.unwrap();
        assert_eq!(user.profile().username.as_ref().map(Username::as_str), Some("νίκος"));
    }
}
