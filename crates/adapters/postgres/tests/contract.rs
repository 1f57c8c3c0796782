//! PostgreSQL keeps every promise of the ports.

#[cfg(test)]
mod postgres {
    use std::time::Duration;

    use users_ports::Migrator;
    use users_postgres::{Pooling, PostgresSettings, PostgresStore};
    use users_testkit::PrivatePostgres;

    fn store_with(write_connections: usize) -> Box<PostgresStore> {
        let settings = PostgresSettings {
            url: PrivatePostgres::shared().create_database(),
            write_connections,
            read_connections: 2,
            queue_capacity: 1_000,
            connect_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(10),
            pooling: Pooling::default(),
        };
        Box::new(PostgresStore::open(&settings).unwrap())
    }

    async fn empty_store() -> Box<PostgresStore> {
        store_with(4)
    }

    async fn migrated_store() -> Box<PostgresStore> {
        let store = empty_store().await;
        store.migrate().await.unwrap();
        store
    }

    /// One writing thread gathers all that is concurrent: the batches are as large as they get.
    async fn single_writer_store() -> Box<PostgresStore> {
        let store = store_with(1);
        store.migrate().await.unwrap();
        store
    }

    users_testkit::users_contract!(migrated_store);
    users_testkit::token_repository_contract!(migrated_store);
    users_testkit::self_service_contract!(migrated_store);
    users_testkit::migrator_contract!(empty_store);

    mod with_one_writer {
        use super::single_writer_store;

        users_testkit::users_contract!(single_writer_store);
    }

    mod several_copies {
        use std::ops::Deref;

        use users_ports::Migrator as _;
        use users_postgres::{Pooling, PostgresSettings, PostgresStore};

        /// Three copies of the service on one database; each call goes to the next.
        struct Copies {
            stores: Vec<PostgresStore>,
            next: std::sync::atomic::AtomicUsize,
        }

        impl Deref for Copies {
            type Target = PostgresStore;

            fn deref(&self) -> &PostgresStore {
                let turn = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                &self.stores[turn % self.stores.len()]
            }
        }

        async fn copies() -> Copies {
            let settings = PostgresSettings {
                url: users_testkit::PrivatePostgres::shared().create_database(),
                write_connections: 2,
                read_connections: 1,
                queue_capacity: 1_000,
                connect_timeout: std::time::Duration::from_secs(10),
                statement_timeout: std::time::Duration::from_secs(10),
                pooling: Pooling::default(),
            };
            let stores: Vec<_> = (0..3).map(|_| PostgresStore::open(&settings).unwrap()).collect();
            stores[0].migrate().await.unwrap();
            Copies { stores, next: 0.into() }
        }

        // All but what is said of calls handed over one after the other: the copies know nothing of each other.
        users_testkit::contract_tests! {
            users, run_user_contract, copies,
            create: of_many_creations_of_one_id_one_is_kept,
                of_many_users_with_one_username_one_is_stored;
            find: a_write_is_seen_by_the_next_find;
            list: a_write_is_seen_by_the_next_list;
            list_walk: page_after_page_misses_nobody_and_gives_nobody_twice,
                a_page_sees_one_state;
            update_precondition: of_many_updates_of_one_version_one_is_carried_out,
                counting_on_the_version_seen_loses_no_count;
            update_username: of_many_updates_to_one_username_one_is_carried_out,
                a_creation_and_an_update_do_not_get_one_username;
            update_concurrency: updates_of_different_members_lose_nothing,
                many_updates_of_one_user_each_see_their_own,
                nobody_sees_a_part_of_an_update,
                updates_that_change_nothing_do_not_disturb;
            update_batch: each_of_many_updates_at_once_gets_its_own_outcome;
            delete: a_deleted_user_is_gone_everywhere;
            delete_concurrency: of_many_deletions_of_one_user_one_gets_it,
                of_many_updates_and_deletions_of_one_version_one_is_carried_out,
                creations_and_deletions_of_one_id_take_turns,
                a_username_that_is_given_up_is_had_by_one;
            search: a_write_is_seen_by_the_next_search;
            search_walk: page_after_page_of_a_search_misses_nobody,
                a_search_sees_one_state;
            create_batch: every_refused_creation_has_its_reason;
            transact_once: a_replay_has_exactly_the_first_outcomes,
                a_key_that_was_used_for_another_request_is_refused,
                a_record_holds_for_its_time_and_no_longer,
                expired_records_alone_are_forgotten;
            transact_together: of_many_copies_of_a_request_one_takes_effect,
                of_many_requests_with_one_key_one_takes_effect,
                copies_of_a_refused_request_leave_the_key_free,
                requests_with_different_keys_all_take_effect,
                a_username_goes_to_one_of_many_transactions,
                updates_beside_transactions_lose_nothing,
                nobody_sees_a_part_of_a_transaction,
                creations_and_deletions_beside_transactions_take_turns;
        }
    }
}
