/// Makes a `#[test]` of each of these contracts, in a module named after the port.
///
/// The macros of the whole ports are made of it; by itself it holds a store in an unusual state against some contracts:
/// `contract_tests! { users, run_user_contract, make_store, create: an_email_is_not_unique; }`.
#[macro_export]
macro_rules! contract_tests {
    ($port:ident, $run:ident, $make_store:path, $($topic:ident: $($contract:ident),+;)+) => {
        mod $port {
            use super::*;
            $($(
                #[test]
                fn $contract() {
                    $crate::contract::$run($make_store, $crate::contract::$topic::$contract);
                }
            )+)+
        }
    };
}

/// Holds a store against every contract of [`Users`](users_ports::Users), [`Directory`](users_ports::Directory) and
/// [`IdempotencyRecords`](users_ports::IdempotencyRecords), in a module `users`.
///
/// The factory's stores must be empty and migrated; see [`contract`](crate::contract).
#[macro_export]
macro_rules! users_contract {
    ($make_store:path) => {
        $crate::contract_tests! {
            users, run_user_contract, $make_store,
            create: a_new_user_is_given_back_as_it_is_kept,
                a_taken_id_is_refused_and_its_user_left_as_it_is,
                a_taken_username_is_refused_in_every_form,
                a_taken_id_goes_before_a_taken_username,
                different_usernames_and_none_are_free,
                an_email_is_not_unique,
                of_many_creations_of_one_id_one_is_kept,
                of_many_users_with_one_username_one_is_stored,
                each_of_many_creations_gets_its_own_answer;
            create_batch: each_of_many_creations_from_one_task_gets_its_own_outcome,
                conflicts_among_many_creations_harm_no_other,
                every_refused_creation_has_its_reason;
            find: an_unknown_user_is_none,
                every_member_comes_back_exactly,
                the_longest_texts_come_back_whole,
                instants_come_back_to_the_microsecond,
                birthdays_come_back,
                versions_and_times_of_change_come_back,
                ids_are_told_apart_by_every_character,
                a_write_is_seen_by_the_next_find;
            list: nobody_is_an_empty_page,
                users_come_in_the_order_of_the_bytes_of_their_ids,
                a_page_is_full_and_tells_whether_there_are_more,
                a_page_begins_behind_an_id,
                an_offset_leaves_users_out,
                listed_users_come_back_exactly,
                a_username_is_found_in_every_form,
                an_email_is_found_in_every_form,
                texts_are_compared_exactly,
                every_query_is_answered_as_in_memory,
                a_write_is_seen_by_the_next_list;
            list_walk: page_after_page_misses_nobody_and_gives_nobody_twice,
                a_page_sees_one_state;
            search: a_search_that_finds_nobody_is_an_empty_page,
                each_of_five_members_is_searched,
                found_users_come_back_exactly,
                case_makes_no_difference_to_a_search,
                width_composition_and_final_sigma_make_no_difference,
                a_prefix_is_no_pattern,
                the_longest_texts_are_found,
                a_write_is_seen_by_the_next_search;
            search_page: found_users_come_in_the_order_of_keys_and_ids,
                a_user_found_by_several_members_comes_once,
                a_page_of_a_search_is_full_and_tells_where_it_ends,
                a_page_of_a_search_begins_behind_a_place;
            search_walk: page_after_page_is_all_that_is_found,
                every_search_is_answered_as_in_memory,
                page_after_page_of_a_search_misses_nobody,
                a_search_sees_one_state;
            update: all_members_are_changed_at_once,
                an_update_makes_the_next_version,
                an_update_that_changes_nothing_writes_nothing,
                members_that_are_kept_stay,
                an_empty_text_is_not_an_unset_one,
                texts_that_look_alike_are_different,
                the_time_of_change_never_goes_back,
                the_time_of_change_is_cut_to_the_microsecond,
                an_unknown_user_is_not_found_and_not_created,
                other_users_stay_as_they_are;
            update_members: each_member_is_set_by_itself,
                each_member_is_cleared_by_itself,
                each_member_is_kept_where_it_is_the_same;
            update_precondition: an_update_of_the_right_version_is_carried_out,
                an_update_of_another_version_is_refused,
                a_precondition_binds_an_update_that_changes_nothing,
                a_failed_precondition_goes_before_a_taken_username,
                of_many_updates_of_one_version_one_is_carried_out,
                counting_on_the_version_seen_loses_no_count;
            update_username: anothers_username_is_refused_in_every_form,
                an_update_refused_for_its_username_changes_nothing,
                ones_own_username_is_not_taken,
                a_username_that_was_given_up_is_free,
                usernames_can_be_swapped,
                of_many_updates_to_one_username_one_is_carried_out,
                a_creation_and_an_update_do_not_get_one_username;
            update_order: updates_of_one_user_take_effect_in_order,
                updates_of_several_users_take_effect_in_order,
                each_update_may_build_on_the_one_before,
                usernames_of_one_user_change_in_order,
                updates_of_every_kind_take_effect_in_order;
            update_concurrency: updates_of_different_members_lose_nothing,
                many_updates_of_one_user_each_see_their_own,
                many_updates_from_one_task_each_see_their_own,
                an_answer_shows_all_that_went_before_it,
                nobody_sees_a_part_of_an_update,
                updates_that_change_nothing_do_not_disturb;
            update_batch: each_of_many_updates_at_once_gets_its_own_outcome,
                each_of_many_updates_from_one_task_gets_its_own_outcome,
                refused_updates_do_not_spoil_good_ones_of_the_same_user;
            delete: a_deleted_user_is_given_back_as_it_was,
                an_unknown_user_is_not_deleted,
                a_deletion_of_the_right_version_is_carried_out,
                a_deletion_of_another_version_is_refused,
                the_id_of_a_deleted_user_is_free,
                the_username_of_a_deleted_user_is_free,
                a_deleted_user_is_gone_everywhere,
                a_deletion_leaves_other_users_as_they_are;
            delete_concurrency: of_many_deletions_of_one_user_one_gets_it,
                a_deletion_comes_after_the_updates_before_it,
                updates_beside_a_deletion_are_in_it_or_find_nobody,
                of_many_updates_and_deletions_of_one_version_one_is_carried_out,
                creations_and_deletions_of_one_id_take_turns,
                a_username_that_is_given_up_is_had_by_one;
            transact: commands_have_the_outcomes_of_single_calls,
                many_commands_are_carried_out_in_order,
                no_commands_have_no_outcomes,
                a_command_sees_those_before_it,
                usernames_change_hands_within_a_transaction,
                a_refused_command_keeps_no_other_from_being_carried_out,
                what_is_taken_back_has_changed_nothing,
                a_transaction_of_refused_commands_changes_nothing,
                a_transaction_changes_as_of_its_instant;
            transact_once: a_replay_has_exactly_the_first_outcomes,
                many_outcomes_are_kept,
                a_key_that_was_used_for_another_request_is_refused,
                records_are_told_apart_by_caller_and_key,
                where_all_commands_are_refused_nothing_is_kept,
                where_one_command_is_carried_out_all_outcomes_are_kept,
                what_is_rolled_back_leaves_a_record_as_it_is,
                a_record_holds_for_its_time_and_no_longer,
                recalling_stores_nothing,
                the_room_that_records_take_is_told_by_caller,
                expired_records_alone_are_forgotten;
            transact_together: of_many_copies_of_a_request_one_takes_effect,
                of_many_requests_with_one_key_one_takes_effect,
                copies_of_a_refused_request_leave_the_key_free,
                requests_with_different_keys_all_take_effect,
                a_username_goes_to_one_of_many_transactions,
                updates_beside_transactions_lose_nothing,
                nobody_sees_a_part_of_a_transaction,
                creations_and_deletions_beside_transactions_take_turns;
            dropped: an_update_that_is_given_up_happens_or_not,
                calls_around_one_that_is_given_up_are_answered,
                a_creation_that_is_given_up_happens_or_not,
                a_deletion_that_is_given_up_happens_or_not,
                a_transaction_that_is_given_up_happens_or_not;
            random_walk: a_long_way_is_answered_as_in_memory;
        }
    };
}

/// Holds a store against every contract of [`TokenRepository`](users_ports::TokenRepository), in a module `token_repository`.
///
/// The factory's stores must be empty and migrated; see [`contract`](crate::contract).
#[macro_export]
macro_rules! token_repository_contract {
    ($make_store:path) => {
        $crate::contract_tests! {
            token_repository, run_token_contract, $make_store,
            tokens: a_new_token_is_found_as_it_was_kept,
                every_set_of_scopes_is_kept,
                every_self_service_token_is_kept,
                an_unknown_token_is_none,
                a_taken_id_is_refused_and_its_token_left_as_it_is,
                the_list_has_the_oldest_first,
                a_revoked_token_is_still_found,
                the_first_time_of_revocation_is_kept,
                the_time_of_revocation_is_cut_to_the_microsecond,
                an_unknown_token_is_not_revoked,
                the_last_day_of_use_is_kept,
                the_use_of_an_unknown_token_does_nothing,
                what_was_over_before_an_instant_is_pruned;
            tokens_concurrency: of_many_creations_of_one_id_one_is_kept,
                of_many_revocations_one_time_is_kept,
                uses_and_a_revocation_at_once_are_all_kept,
                a_write_is_seen_by_the_next_find;
            tokens_rotate: a_rotated_token_gets_an_end_and_a_successor,
                a_rotation_never_puts_an_end_off,
                the_end_of_a_rotated_token_is_cut_to_the_microsecond,
                what_is_over_is_not_rotated,
                a_rotation_to_a_taken_id_changes_nothing,
                of_many_rotations_without_overlap_one_is_carried_out,
                nobody_sees_a_part_of_a_rotation;
            dropped: a_rotation_that_is_given_up_happens_or_not;
        }
    };
}

/// Holds a store against every contract of users and tokens together, in a module `self_service`.
///
/// The factory's stores must be empty and migrated; see [`contract`](crate::contract).
#[macro_export]
macro_rules! self_service_contract {
    ($make_store:path) => {
        $crate::contract_tests! {
            self_service, run_self_service_contract, $make_store,
            self_service: a_deletion_revokes_the_users_tokens,
                a_refused_deletion_revokes_nothing,
                tokens_are_revoked_in_the_transaction_of_the_deletion;
        }
    };
}

/// Holds a store against every contract of [`Migrator`](users_ports::Migrator) and [`HealthCheck`](users_ports::HealthCheck), in a module `migrator`.
///
/// The factory's stores must be empty and *not* migrated; see [`contract`](crate::contract).
#[macro_export]
macro_rules! migrator_contract {
    ($make_store:path) => {
        $crate::contract_tests! {
            migrator, run_migrator_contract, $make_store,
            migrator: a_new_store_is_migrated_in_order,
                a_migrated_store_is_left_as_it_is,
                several_at_once_apply_each_migration_once,
                a_store_is_well_once_it_is_migrated;
        }
    };
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    #[test]
    fn every_contract_is_in_the_suite() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/contract");
        let suite = fs::read_to_string(folder.join("suite.rs")).unwrap();
        let mut contracts = 0;
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let source = fs::read_to_string(&path).unwrap();
            let topic = path.file_stem().unwrap().to_str().unwrap();
            for line in source.lines().filter_map(|line| line.strip_prefix("pub async fn ")) {
                let (contract, signature) = line.split_once('(').unwrap();
                if !["users: Users) {", "tokens: Tokens) {", "store: Migrated) {", "store: UsersAndTokens) {"]
                    .contains(&signature)
                {
                    continue;
                }
                let heading = format!(" {topic}: ");
                let mut lists = suite.split(&heading).skip(1).filter_map(|rest| rest.split_once(';'));
                let listed = lists.any(|(list, _)| list.split(',').any(|name| name.trim() == contract));
                assert!(listed, "suite.rs does not list {topic}::{contract}");
                contracts += 1;
            }
        }
        assert!(contracts > 140, "found only {contracts} contracts");
    }
}
