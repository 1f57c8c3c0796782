//! The crate `users-client` and the real service, together.

use std::future::Future;

use futures_util::TryStreamExt as _;
use users_client::{Client, ErrorCode, Filter, NewUser, RetryPolicy, UserUpdate};
use users_tests::{Database, Service, on_both_databases};

on_both_databases!(
    a_user_is_created_updated_and_read,
    an_update_can_depend_on_the_version_that_was_read,
    refusals_are_typed,
    a_stream_meets_every_user,
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
