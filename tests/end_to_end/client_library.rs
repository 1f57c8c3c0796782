//! The crate `users-client` and the real service, together.

use std::future::Future;
use std::time::{Duration, Instant};

use futures_util::TryStreamExt as _;
use users_client::{Client, ErrorCode, Filter, NewUser, PatchOperation, RetryPolicy, UserUpdate};
use users_tests::{Database, Service, TestDatabase, on_both_databases};

on_both_databases!(
    a_user_is_created_updated_and_read,
    an_update_can_depend_on_the_version_that_was_read,
    refusals_are_typed,
    a_stream_meets_every_user,
    users_are_counted_and_searched,
    a_user_is_patched_and_deleted,
    a_key_has_one_effect,
    a_dry_run_writes_nothing,
    many_users_are_written_at_once_each_by_itself,
    a_limit_of_requests_is_waited_out,
);

/// Starts a service, and does this with a client of it.
fn with_client<F: Future<Output = ()>>(database: Database, test: impl FnOnce(Client) -> F) {
    let service = Service::start(database);
    let client = Client::builder(service.url(), service.token()).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(test(client));
}

fn named(id: &str, members: UserUpdate) -> NewUser {
    NewUser::of(members).with_id(id)
}

fn a_user_is_created_updated_and_read(database: Database) {
    with_client(database, |client| async move {
        let instant = "2026-10-31T08:15:30.123456Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        let members = UserUpdate::new()
            .set_first_name("Ada")
            .set_last_name("Lovelace")
            .set_last_seen(instant)
            .set_username("ada")
            .set_phone("12345");
        let created = client.create(&named("a:d@a", members)).await.unwrap();
        assert_eq!(created.last_seen, Some(instant));
        assert_eq!((created.first_name.as_deref(), created.bio.as_deref()), (Some("Ada"), None));

        let update = UserUpdate::new().set_bio("Line\nbreak").clear_phone().set_active(false);
        let updated = client.update("a:d@a", &update).await.unwrap();
        assert_eq!((updated.bio.as_deref(), updated.phone.as_deref()), (Some("Line\nbreak"), None));
        // What was not mentioned stayed.
        assert_eq!((updated.username.as_deref(), updated.last_seen), (Some("ada"), Some(instant)));
        assert!(!updated.active && updated.etag != created.etag);

        assert_eq!(client.get("a:d@a").await.unwrap(), updated);
        assert_eq!(client.get_if_changed("a:d@a", &updated.etag).await.unwrap(), None);
        assert_eq!(client.get_if_changed("a:d@a", &created.etag).await.unwrap(), Some(updated));
    });
}

fn an_update_can_depend_on_the_version_that_was_read(database: Database) {
    with_client(database, |client| async move {
        let first = client.create(&named("ada", UserUpdate::new())).await.unwrap();
        let title = UserUpdate::new().set_title("Countess");
        let second = client.update("ada", &title).if_match(&first.etag).await.unwrap();
        let stale = client.update("ada", &UserUpdate::new().clear_title()).if_match(&first.etag);
        let error = stale.await.unwrap_err();
        assert_eq!(error.code(), Some(&ErrorCode::PreconditionFailed));
        assert_eq!(error.problem().unwrap().etag.as_ref(), Some(&second.etag));
        assert_eq!(client.get("ada").await.unwrap().title.as_deref(), Some("Countess"));
    });
}

fn refusals_are_typed(database: Database) {
    with_client(database, |client| async move {
        client.create(&named("ada", UserUpdate::new().set_username("ada"))).await.unwrap();
        let taken = client.create(&NewUser::of(UserUpdate::new().set_username("ADA"))).await.unwrap_err();
        assert_eq!(taken.code(), Some(&ErrorCode::ResourceAlreadyExists));
        assert!(taken.problem().unwrap().is_about("/username"));

        let broken = UserUpdate::new().set_email("nobody").set_first_name(" ").set_bio("fine");
        let error = client.update("ada", &broken).await.unwrap_err();
        let problem = error.problem().unwrap();
        assert_eq!((problem.status, &problem.code), (422, &ErrorCode::ValidationError));
        let places: Vec<_> =
            problem.errors.iter().map(|error| (error.pointer.as_str(), error.code.as_str())).collect();
        assert_eq!(places, [("/email", "INVALID_FORMAT"), ("/firstName", "BLANK")]);
        assert!(problem.request_id.is_some());

        assert!(client.get("nobody").await.unwrap_err().is_not_found());
        // An id that is no id leads to no other path.
        assert!(client.get("a/../ada").await.unwrap_err().is_not_found());
        assert!(client.update("nobody", &UserUpdate::new()).await.unwrap_err().is_not_found());
    });
    let service = Service::start(database);
    let stranger = Client::builder(service.url(), "usr_wrong").retry(RetryPolicy::never()).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let error = runtime.block_on(stranger.get("ada")).unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::InvalidApiKey));
}

fn a_stream_meets_every_user(database: Database) {
    with_client(database, |client| async move {
        for number in 0..7 {
            let country = if number % 2 == 0 { "GB" } else { "FR" };
            let user = named(&format!("u{number}"), UserUpdate::new().set_country(country));
            client.create(&user).await.unwrap();
        }
        let ids = |users: Vec<users_client::User>| users.into_iter().map(|user| user.id).collect::<Vec<_>>();
        let all: Vec<_> = client.list().limit(2).stream().try_collect().await.unwrap();
        assert_eq!(ids(all), ["u0", "u1", "u2", "u3", "u4", "u5", "u6"]);
        let british = client.list().filter(&Filter::new().country("GB")).limit(2).descending();
        let page = british.clone().include_total().page().await.unwrap();
        assert_eq!((page.total, ids(page.users)), (Some(4), vec!["u6".to_owned(), "u4".to_owned()]));
        let all: Vec<_> = british.stream().try_collect().await.unwrap();
        assert_eq!(ids(all), ["u6", "u4", "u2", "u0"]);
    });
}

fn users_are_counted_and_searched(database: Database) {
    with_client(database, |client| async move {
        for (id, name, country) in [("1", "Ada", "GB"), ("2", "Adam", "FR"), ("3", "Bob", "GB")] {
            let members = UserUpdate::new().set_first_name(name).set_country(country);
            client.create(&named(id, members)).await.unwrap();
        }
        assert_eq!(client.count(&Filter::new()).await.unwrap(), 3);
        assert_eq!(client.count(&Filter::new().country("GB").active(true)).await.unwrap(), 2);
        let found: Vec<_> = client.search("ada").limit(1).stream().try_collect().await.unwrap();
        let mut names: Vec<_> = found.iter().filter_map(|user| user.first_name.as_deref()).collect();
        names.sort_unstable();
        assert_eq!(names, ["Ada", "Adam"]);
    });
}

fn a_user_is_patched_and_deleted(database: Database) {
    with_client(database, |client| async move {
        client.create(&named("ada", UserUpdate::new().set_bio("b").set_title("t"))).await.unwrap();
        let merged = client.patch("ada", &UserUpdate::new().clear_bio().set_phone("12345")).await.unwrap();
        assert_eq!((merged.bio.as_deref(), merged.phone.as_deref()), (None, Some("12345")));

        let patch = [
            PatchOperation::test("/title", "t"),
            PatchOperation::move_from("/title", "/location"),
            PatchOperation::copy_from("/location", "/organization"),
            PatchOperation::remove("/phone"),
        ];
        let patched = client.json_patch("ada", &patch).if_match(&merged.etag).await.unwrap();
        let texts = [&patched.title, &patched.location, &patched.organization, &patched.phone];
        assert_eq!(texts.map(Option::as_deref), [None, Some("t"), Some("t"), None]);
        // Now the title is another one, and the whole patch is refused.
        let error = client.json_patch("ada", &patch).await.unwrap_err();
        assert_eq!(error.code(), Some(&ErrorCode::ValidationError));

        let stale = client.delete("ada").if_match(&merged.etag).await.unwrap_err();
        assert_eq!(stale.problem().unwrap().etag.as_ref(), Some(&patched.etag));
        let deleted = client.delete("ada").if_match(&patched.etag).await.unwrap();
        assert_eq!(deleted.user, patched.user);
        assert!(client.get("ada").await.unwrap_err().is_not_found());
    });
}

fn a_key_has_one_effect(database: Database) {
    with_client(database, |client| async move {
        // What a retry after a lost answer comes to: the same request under the same key.
        let user = NewUser::of(UserUpdate::new().set_first_name("Ada"));
        let first = client.create(&user).idempotency_key("a\"1\\").await.unwrap();
        let again = client.create(&user).idempotency_key("a\"1\\").await.unwrap();
        assert_eq!((first.replayed, again.replayed), (false, true));
        assert_eq!((&first.user, &first.etag), (&again.user, &again.etag));
        assert_eq!(client.count(&Filter::new()).await.unwrap(), 1);

        let other = client.create(&NewUser::default()).idempotency_key("a\"1\\").await.unwrap_err();
        assert_eq!(other.code(), Some(&ErrorCode::IdempotencyKeyReused));
        // The keys that the client makes up are not the same twice.
        assert_ne!(client.create(&user).await.unwrap().id, client.create(&user).await.unwrap().id);
    });
}

fn a_dry_run_writes_nothing(database: Database) {
    with_client(database, |client| async move {
        let user = named("ada", UserUpdate::new().set_username("ada"));
        assert_eq!(client.create(&user).dry_run().await.unwrap().id, "ada");
        let created = client.create(&user).await.unwrap();
        let taken = client.create(&user).dry_run().await.unwrap_err();
        assert_eq!(taken.code(), Some(&ErrorCode::ResourceAlreadyExists));
        let bio = UserUpdate::new().set_bio("b");
        let would_be = client.update("ada", &bio).if_match(&created.etag).dry_run().await.unwrap();
        assert_eq!(would_be.bio.as_deref(), Some("b"));
        client.delete("ada").dry_run().await.unwrap();
        assert_eq!(client.get("ada").await.unwrap(), created);
    });
}

fn many_users_are_written_at_once_each_by_itself(database: Database) {
    with_client(database, |client| async move {
        let users = ["a", "no id", "b"].map(|id| named(id, UserUpdate::new()));
        assert_eq!(client.bulk_create(&users).dry_run().await.unwrap().failures().count(), 1);
        assert_eq!(client.count(&Filter::new()).await.unwrap(), 0);

        let created = client.bulk_create(&users).idempotency_key("k").await.unwrap();
        let failures: Vec<_> = created.failures().collect();
        assert_eq!(failures.len(), 1, "{failures:?}");
        assert_eq!((failures[0].0, &failures[0].1.code), (1, &ErrorCode::ValidationError));
        assert!(failures[0].1.is_about("/id"), "{failures:?}");
        let again = client.bulk_create(&users).idempotency_key("k").await.unwrap();
        assert!(again.replayed && !created.replayed);
        // The ids of the two requests, which problems tell, are all that differs.
        assert_ne!(again.results[1], created.results[1]);
        assert_eq!((&again.results[0], &again.results[2]), (&created.results[0], &created.results[2]));

        let title = |title: &str| UserUpdate::new().set_title(title);
        let updates = [("a", title("x")), ("nobody", title("y")), ("a", title("z"))];
        let changed = client.bulk_update(&updates).await.unwrap();
        assert_eq!(changed.failures().map(|(index, it)| (index, it.status)).collect::<Vec<_>>(), [(1, 404)]);
        assert_eq!(client.get("a").await.unwrap().title.as_deref(), Some("z"));

        let deleted = client.bulk_delete(&["a", "b"]).await.unwrap();
        assert_eq!(deleted.results[0].id.as_deref(), Some("a"));
        assert_eq!(deleted.results[0].outcome.as_ref().unwrap().title.as_deref(), Some("z"));
        assert_eq!(client.count(&Filter::new()).await.unwrap(), 0);
    });
}

/// Eight writes where five may be made at once and one more each second: the client waits as long as it is told, and none is
/// lost or made twice.
fn a_limit_of_requests_is_waited_out(database: Database) {
    let flags = ["--rate-limit-token", "1/s:5"];
    let service = Service::start_on(TestDatabase::create(database), &flags).with_token();
    let client =
        |policy: RetryPolicy| Client::builder(service.url(), service.token()).retry(policy).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let start = Instant::now();
        let patient = client(RetryPolicy::default().attempts(20));
        for number in 0..8 {
            let created = patient.create(&named(&format!("u{number}"), UserUpdate::new())).await.unwrap();
            assert!(!created.replayed);
        }
        assert!(start.elapsed() >= Duration::from_secs(2), "{:?}", start.elapsed());
        assert_eq!(patient.count(&Filter::new()).await.unwrap(), 8);

        let error = client(RetryPolicy::never()).get("u0").await.unwrap_err();
        assert_eq!(error.code(), Some(&ErrorCode::RateLimited));
        assert_eq!(error.retry_after(), Some(Duration::from_secs(1)));
        assert!(error.is_transient());
    });
}
