//! Migrations that change what is already there.

#[cfg(test)]
mod migrations {
    use std::time::Duration;

    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;
    use users_domain::{PageBounds, SearchPrefix, SearchQuery};
    use users_ports::{Migrator, UserRepository};
    use users_postgres::{PostgresSettings, PostgresStore};
    use users_testkit::PrivatePostgres;

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

    #[tokio::test]
    async fn search_keys_of_older_rules_are_made_anew() {
        let url = PrivatePostgres::shared().create_database();
        let store = PostgresStore::open(&PostgresSettings {
            url: url.clone(),
            write_connections: 1,
            read_connections: 1,
            queue_capacity: 1_000,
            connect_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(10),
        })
        .unwrap();
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
}
