//! How searches go where the contract suite has too few users to tell.

#[cfg(test)]
mod search {
    use std::collections::HashSet;
    use std::time::Duration;

    use users_domain::{PageBounds, Profile, SearchPrefix, SearchQuery, User, Username};
    use users_ports::{Directory as _, Ending, IdempotentRequest, Migrator, UserCommand};
    use users_postgres::{Pooling, PostgresSettings, PostgresStore};
    use users_testkit::UserStore as _;
    use users_testkit::{PrivatePostgres, noon, user_id};

    async fn store() -> PostgresStore {
        let store = PostgresStore::open(&PostgresSettings {
            url: PrivatePostgres::shared().create_database(),
            write_connections: 1,
            read_connections: 1,
            queue_capacity: 10_000,
            connect_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(10),
            pooling: Pooling::default(),
        });
        let store = store.unwrap();
        store.migrate().await.unwrap();
        store
    }

    /// All of these are called Ann, and have a username and an email address that begin with it.
    fn ann(number: u32) -> User {
        let name = format!("Ann.{number}");
        let profile = Profile {
            first_name: Some("Ann".parse().unwrap()),
            email: Some(format!("{name}@example.org").parse().unwrap()),
            username: Some(Username::parse(&name).unwrap()),
            ..Profile::default()
        };
        User::create(user_id(&format!("u-{number:05}")), profile, noon())
    }

    async fn all(store: &PostgresStore, prefix: &str) -> Vec<User> {
        let mut query = SearchQuery {
            prefix: SearchPrefix::parse(prefix).unwrap(),
            after: None,
            limit: PageBounds::new(200, 0).unwrap(),
        };
        let mut found = Vec::new();
        loop {
            let page = store.search(&query).await.unwrap();
            found.extend(page.users);
            match page.next {
                Some(next) => query.after = Some(next),
                None => return found,
            }
        }
    }

    #[tokio::test]
    async fn thousands_who_are_found_by_three_keys_are_found_once() {
        let store = store().await;
        for first in [1, 1_001, 2_001] {
            let creations = (first..first + 1_000).map(|number| UserCommand::Create(Box::new(ann(number))));
            let request = IdempotentRequest {
                caller: "test".to_owned(),
                is_self_service: false,
                key: first.to_string(),
                fingerprint: [0; 32],
            };
            let done = store.transact_at(creations.collect(), Ending::Once(request), noon()).await.unwrap();
            assert!(done.outcomes.iter().all(Result::is_ok));
        }
        for prefix in ["a", "ANN", "ann."] {
            let found = all(&store, prefix).await;
            assert_eq!(found.len(), 3_000, "{prefix}");
            assert_eq!(found.iter().map(User::id).collect::<HashSet<_>>().len(), 3_000, "{prefix}");
        }
        assert_eq!(all(&store, "ann.2000").await, [ann(2_000)]);
        assert_eq!(all(&store, "ann.2000@").await, [ann(2_000)]);
        assert_eq!(all(&store, "anna").await, []);
    }
}
