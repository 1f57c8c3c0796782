//! PgBouncer between the store and its database.

#[cfg(test)]
mod pooler {
    use std::sync::Arc;
    use std::time::Duration;

    use users_ports::{HealthCheck, Migrator, SchemaState, Trouble, Users as _};
    use users_postgres::{Pooling, PostgresSettings, PostgresStore};
    use users_testkit::UserStore as _;
    use users_testkit::{
        MEMBERS, PrivatePgBouncer, PrivatePostgres, full_profile, minimal_user, noon, token_record,
        update_member, user_id,
    };

    fn store(url: &str, pooling: Pooling) -> PostgresStore {
        store_with(url, pooling, 8, 4)
    }

    fn store_with(
        url: &str,
        pooling: Pooling,
        write_connections: usize,
        read_connections: usize,
    ) -> PostgresStore {
        let settings = PostgresSettings {
            url: url.to_owned(),
            write_connections,
            read_connections,
            queue_capacity: 1_000,
            connect_timeout: Duration::from_secs(3),
            statement_timeout: Duration::from_secs(10),
            pooling,
        };
        PostgresStore::open(&settings).unwrap()
    }

    async fn migrated() -> String {
        let url = PrivatePostgres::shared().create_database();
        store(&url, Pooling::Session).migrate().await.unwrap();
        url
    }

    /// Each of 24 callers sets one member of its own user again and again; gives back how many were refused.
    async fn set_members(store: &Arc<PostgresStore>) -> usize {
        let callers = (0..24).map(|number| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                let (id, member) = (user_id(&format!("u{number}")), MEMBERS[number % MEMBERS.len()]);
                let mut refused = 0;
                for round in 0..60 {
                    let update = update_member(member, &full_profile());
                    let empty = update_member(member, minimal_user("x").profile());
                    let update = if round % 2 == 0 { update } else { empty };
                    let written = store.update(&id, update, users_domain::Precondition::Exists, noon()).await;
                    refused += usize::from(written.is_err());
                }
                refused
            })
        });
        let mut refused = 0;
        for caller in callers.collect::<Vec<_>>() {
            refused += caller.await.unwrap();
        }
        refused
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_pooler_that_shares_sessions_is_not_used() {
        let bouncer = PrivatePgBouncer::start(PrivatePostgres::shared(), "transaction", 4);
        let url = migrated().await;
        let direct = store(&url, Pooling::Session);
        direct.create(minimal_user("u0")).await.unwrap();
        let store = Arc::new(store(&bouncer.url(&url), Pooling::Session));
        assert_eq!(store.check().await.unwrap_err().trouble(), Some(Trouble::Pooler));
        assert!(store.migrate().await.unwrap_err().to_string().contains("USERS_DB_POOLER=transaction"));
        // However much comes at the same moment, nothing is written and every read is rejected.
        let requests = (0..50).map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let id = user_id("u0");
                let update = update_member(MEMBERS[number % MEMBERS.len()], &full_profile());
                let written = store.update(&id, update, users_domain::Precondition::Exists, noon()).await;
                written.is_err() && store.find(&id).await.is_err()
            })
        });
        for request in requests.collect::<Vec<_>>() {
            assert!(request.await.unwrap());
        }
        assert_eq!(direct.find(&user_id("u0")).await, Ok(Some(minimal_user("u0"))));
    }

    /// With as many sessions as connections that compare them, each could always be given the same one.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_pooler_that_hands_two_sessions_out_in_turn_is_not_used() {
        let bouncer = PrivatePgBouncer::start_with(
            PrivatePostgres::shared(),
            "transaction",
            2,
            "server_round_robin = 1",
        );
        let url = bouncer.url(&migrated().await);
        // Both sessions are there before.
        let opened = [1, 2].map(|_| {
            let url = url.clone();
            std::thread::spawn(move || {
                PrivatePostgres::shared().psql(&url, "BEGIN; SELECT pg_sleep(0.5); COMMIT")
            })
        });
        for session in opened {
            session.join().unwrap();
        }
        for _ in 0..4 {
            let store = store(&url, Pooling::Session);
            assert_eq!(store.check().await.unwrap_err().trouble(), Some(Trouble::Pooler));
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_pooler_of_transactions_mixes_nothing_up_if_it_is_named() {
        let bouncer = PrivatePgBouncer::start(PrivatePostgres::shared(), "transaction", 4);
        let url = migrated().await;
        let store = Arc::new(store(&bouncer.url(&url), Pooling::Transaction));
        assert_eq!(store.check().await, Ok(SchemaState::Current));
        assert_eq!(store.migrate().await, Ok(vec![]));
        for number in 0..24 {
            store.create(minimal_user(&format!("u{number}"))).await.unwrap();
        }
        assert_eq!(set_members(&store).await, 0);
        // The last round has cleared every member that can be cleared.
        for number in 0..24 {
            let id = user_id(&format!("u{number}"));
            let user = store.find(&id).await.unwrap().unwrap();
            assert_eq!(user.profile(), minimal_user("x").profile(), "{id}");
        }
        let tokens: &dyn users_ports::TokenRepository = &*store;
        tokens.create(token_record("t")).await.unwrap();
        assert_eq!(tokens.find("t").await, Ok(Some(token_record("t"))));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_a_pooler_of_transactions_cannot_keep_must_be_set_for_the_role() {
        let bouncer = PrivatePgBouncer::start(PrivatePostgres::shared(), "transaction", 4);
        let url = migrated().await;
        let name = url.rsplit('/').next().unwrap();
        PrivatePostgres::shared()
            .psql("postgres", &format!("ALTER DATABASE {name} SET synchronous_commit = off"));
        let store = store(&bouncer.url(&url), Pooling::Transaction);
        let unhealthy = store.check().await.unwrap_err();
        assert_eq!(unhealthy.trouble(), Some(Trouble::Pooler));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_migration_needs_a_session_of_its_own() {
        let bouncer = PrivatePgBouncer::start(PrivatePostgres::shared(), "transaction", 4);
        let url = PrivatePostgres::shared().create_database();
        let refusal = store(&bouncer.url(&url), Pooling::Transaction).migrate().await.unwrap_err();
        assert!(refusal.to_string().contains("leads to PostgreSQL itself"), "{refusal}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_pooler_of_sessions_is_as_good_as_none() {
        let bouncer = PrivatePgBouncer::start(PrivatePostgres::shared(), "session", 20);
        let url = PrivatePostgres::shared().create_database();
        let store = Arc::new(store(&bouncer.url(&url), Pooling::Session));
        assert_eq!(
            store.migrate().await.unwrap().first().map(String::as_str),
            Some("2026-11-01-000000_create_users")
        );
        for number in 0..24 {
            store.create(minimal_user(&format!("u{number}"))).await.unwrap();
        }
        assert_eq!(set_members(&store).await, 0);
        assert_eq!(store.check().await, Ok(SchemaState::Current));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_pooler_with_too_few_sessions_is_busy() {
        let bouncer = PrivatePgBouncer::start(PrivatePostgres::shared(), "session", 6);
        let url = migrated().await;
        let store = store_with(&bouncer.url(&url), Pooling::Session, 1, 1);
        // Others have all of them.
        let held = hold_sessions(&bouncer.url(&url), 6);
        assert_eq!(store.check().await.unwrap_err().trouble(), Some(Trouble::Busy));
        drop(held);
        // It heals by itself once there are sessions to be had.
        let start = std::time::Instant::now();
        while store.check().await.is_err() {
            assert!(start.elapsed() < Duration::from_secs(30), "not healed");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    fn hold_sessions(url: &str, count: usize) -> Vec<diesel::PgConnection> {
        use diesel::Connection;
        (0..count).map(|_| diesel::PgConnection::establish(url).unwrap()).collect()
    }
}
