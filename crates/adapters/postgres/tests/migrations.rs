//! Migrations that change what is already there.

#[cfg(test)]
mod migrations {
    use std::time::Duration;

    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;
    use users_domain::{
        Change, Email, PageBounds, Precondition, SearchPrefix, SearchQuery, UserFilter, UserId, UserQuery,
        UserUpdate, Username,
    };
    use users_ports::{Directory as _, IdempotencyRecords as _, Migrator, Users as _};
    use users_postgres::{Pooling, PostgresSettings, PostgresStore};
    use users_testkit::PrivatePostgres;
    use users_testkit::UserStore as _;

    /// How many users a prefix finds.
    async fn found(store: &PostgresStore, prefix: &str) -> usize {
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

    fn open(url: &str) -> PostgresStore {
        PostgresStore::open(&PostgresSettings {
            url: url.to_owned(),
            write_connections: 1,
            read_connections: 1,
            queue_capacity: 1_000,
            connect_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(10),
            pooling: Pooling::default(),
        })
        .unwrap()
    }

    #[tokio::test]
    async fn search_keys_of_older_rules_are_made_anew() {
        let url = PrivatePostgres::shared().create_database();
        let store = open(&url);
        store.migrate().await.unwrap();
        let mut connection = PgConnection::establish(&url).unwrap();
        // More than are read in one go; every other one as the older rules would have it, or SQL.
        let before = "DELETE FROM __diesel_schema_migrations WHERE version = '20261125000000'; \
            INSERT INTO users \
            (id, version, modified_at, active, first_name, first_name_key, last_name, last_name_key, organization, \
             organization_key) \
            SELECT 'u' || i, i, now(), true, 'ＡＤＡ', 'ａｄａ', 'LOVE', 'love', 'ΝΙΚΟΣ', 'ΝΙΚΟΣ' FROM generate_series(1, 2500) i; \
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

    /// While copies are replaced one by one, those of the version before go on to read and write `claims`, with the rights
    /// that they had.
    #[tokio::test]
    async fn copies_of_the_version_before_find_their_idempotency_records() {
        use users_ports::IdempotentRequest;

        let url = PrivatePostgres::shared().create_database();
        let store = open(&url);
        store.migrate().await.unwrap();
        let mut connection = PgConnection::establish(&url).unwrap();
        let folder = "../../../migrations/postgres/2026-11-27-000002_bound_idempotency_records";
        let [up, down] =
            ["up", "down"].map(|name| std::fs::read_to_string(format!("{folder}/{name}.sql")).unwrap());
        let before = "CREATE ROLE before LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON claims TO before;";
        connection.batch_execute(&format!("{down} {before} {up} SET ROLE before")).unwrap();
        connection
            .batch_execute(
                "INSERT INTO claims (caller, key, fingerprint, kept_at, outcomes) VALUES \
                 ('a', 'k', decode(repeat('00', 32), 'hex'), '2026-01-01', '[]') ON CONFLICT (caller, key) \
                 DO UPDATE SET outcomes = excluded.outcomes",
            )
            .unwrap();
        let request = IdempotentRequest {
            caller: "a".to_owned(),
            is_self_service: false,
            key: "k".to_owned(),
            fingerprint: [0; 32],
        };
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(store.recall(&request, now).await, Ok(Some(Vec::new())));
        connection.batch_execute("DELETE FROM claims").unwrap();
        assert_eq!(store.recall(&request, now).await, Ok(None));
    }

    /// Usernames that an older rule told apart, and addresses whose domain has two forms.
    #[tokio::test]
    async fn keys_of_the_older_rule_are_made_anew_and_no_user_is_lost() {
        let url = PrivatePostgres::shared().create_database();
        let store = open(&url);
        store.migrate().await.unwrap();
        let mut connection = PgConnection::establish(&url).unwrap();
        connection
            .batch_execute(
                "DELETE FROM __diesel_schema_migrations WHERE version = '20261127000000'; \
                 INSERT INTO users (id, version, modified_at, active, username, username_key, email, email_key) VALUES \
                 ('a', 1, now(), true, 'ΝΊΚΟΣ', 'νίκοσ', 'a@xn--mnchen-3ya.de', 'a@xn--mnchen-3ya.de'), \
                 ('b', 1, now(), true, 'νίκος', 'νίκος', NULL, NULL), \
                 ('c', 1, now(), true, 'Λόγος', 'λόγος', NULL, NULL), \
                 ('d', 1, now(), true, 'Ada', 'ada', 'Ada@Example.org', 'ada@example.org')",
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
