//! Many clients at one user at the same time.

use std::sync::Barrier;
use std::thread;

use serde_json::Value;
use users_tests::{Answer, Client, Database, Service, on_both_databases};

on_both_databases!(
    updates_of_different_members_lose_nothing,
    a_username_is_given_to_one_of_all_who_claim_it,
    one_writer_with_the_current_tag_wins,
    two_copies_on_one_database_lose_nothing,
);

/// Sends all of the requests at the same time, as nearly as that can be done.
fn at_once<R: Sync>(requests: &[R], send: impl Fn(&R) -> Answer + Sync) -> Vec<Answer> {
    let barrier = Barrier::new(requests.len());
    let (barrier, send) = (&barrier, &send);
    thread::scope(|scope| {
        let threads = requests.iter().map(|request| {
            scope.spawn(move || {
                barrier.wait();
                send(request)
            })
        });
        let threads: Vec<_> = threads.collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// 50 updates, each of one member to a value that no other one sets.
fn fifty_updates() -> Vec<(&'static str, Value)> {
    const TEXTS: [&str; 10] = [
        "avatar",
        "bio",
        "country",
        "firstName",
        "lastName",
        "location",
        "organization",
        "regions",
        "title",
        "username",
    ];
    let mut updates: Vec<_> = ["a", "b", "c", "d"]
        .into_iter()
        .flat_map(|value| TEXTS.map(|member| (member, Value::from(format!("{value}-{member}")))))
        .collect();
    for day in ["2001-02-03", "2002-03-04"] {
        updates.push(("birthday", day.into()));
        updates.push(("last_seen", format!("{day}T00:00:00Z").into()));
        updates.push(("last_typed", format!("{day}T01:00:00Z").into()));
    }
    updates.extend(["a@b", "c@d"].map(|email| ("email", email.into())));
    updates.extend([("phone", "12345".into()), ("twitter", "@ada".into())]);
    updates
}

/// However the updates come to be ordered, each finds the user as the one before left it, and changes its own member:
/// so the 50 answers are the user's history, and the last of them is what the user is.
fn updates_of_different_members_lose_nothing(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    let user = client.create(r#"{"id":"ada"}"#).json();
    let updates = fifty_updates();
    assert_eq!(updates.len(), 50);

    let answers = at_once(&updates, |(member, value)| {
        client.put("/v1/users/ada", serde_json::json!({ *member: value }).to_string())
    });

    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    let steps: Vec<_> = updates.iter().zip(answers.iter().map(Answer::json)).collect();
    let last = client.get("/v1/users/ada").json();
    assert_eq!(last_of_history(&user, &steps).as_ref(), Some(&last), "{answers:?}");
    assert!(last.as_object().unwrap().values().all(|value| !value.is_null()), "{last}");
}

/// Puts the steps into an order in which each follows upon the one before, and gives back the last user of all; `None`
/// where there is no such order.
///
/// Of two that could come next only one may lead to the end: an update may have been overwritten by the next one.
fn last_of_history(user: &Value, steps: &[(&(&str, Value), Value)]) -> Option<Value> {
    if steps.is_empty() {
        return Some(user.clone());
    }
    (0..steps.len()).find_map(|next| {
        let ((member, value), answer) = &steps[next];
        let mut updated = user.clone();
        updated[*member] = value.clone();
        if *answer != updated {
            return None;
        }
        last_of_history(answer, &[&steps[..next], &steps[next + 1..]].concat())
    })
}

fn a_username_is_given_to_one_of_all_who_claim_it(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    // Each in another case: the bits of the number tell which letters are capital.
    let claims: Vec<_> = (0..50_usize)
        .map(|number| {
            let capital = |(place, letter): (usize, char)| {
                if number >> place & 1 == 1 { letter.to_ascii_uppercase() } else { letter }
            };
            (format!("u{number}"), "lovelace".chars().enumerate().map(capital).collect::<String>())
        })
        .collect();
    for (id, _) in &claims {
        client.create(format!(r#"{{"id":"{id}"}}"#));
    }

    let answers = at_once(&claims, |(id, name)| {
        client.put(&format!("/v1/users/{id}"), format!(r#"{{"username":"{name}"}}"#))
    });

    let (winners, losers): (Vec<_>, Vec<_>) =
        claims.iter().zip(&answers).partition(|(_, answer)| answer.status == 200);
    assert_eq!((winners.len(), losers.len()), (1, 49), "{answers:?}");
    for ((id, _), answer) in losers {
        assert_eq!((answer.status, &answer.json()["errors"][0]["pointer"]), (409, &"/username".into()));
        assert_eq!(username(&client, id), Value::Null);
    }
    for ((id, name), _) in winners {
        assert_eq!(username(&client, id), name.as_str());
    }
}

fn username(client: &Client, id: &str) -> Value {
    client.get(&format!("/v1/users/{id}")).json()["username"].clone()
}

fn one_writer_with_the_current_tag_wins(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    let condition = format!("if-match: {}", client.create(r#"{"id":"ada"}"#).etag());
    let titles: Vec<_> = (0..64).map(|number| format!("title {number}")).collect();

    let answers = at_once(&titles, |title| {
        client.send("PUT /v1/users/ada", &[&condition], format!(r#"{{"title":"{title}"}}"#))
    });

    let (winners, losers): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!((winners.len(), losers.len()), (1, 63), "{answers:?}");
    let current = client.get("/v1/users/ada");
    assert_eq!((&winners[0].body, winners[0].etag()), (&current.body, current.etag()));
    for loser in losers {
        assert_eq!((loser.status, loser.etag()), (412, current.etag()));
    }
}

/// Each user is written through one copy and read through the other.
fn two_copies_on_one_database_lose_nothing(database: Database) {
    const USERS: usize = 8;
    const UPDATES: usize = 25;
    let first = Service::start(database);
    let second = first.start_copy();
    let clients = [first.client(), second.client()];
    thread::scope(|scope| {
        for user in 0..USERS {
            let [writer, reader] = [user % 2, (user + 1) % 2].map(|place| &clients[place]);
            scope.spawn(move || {
                writer.create(format!(r#"{{"id":"u{user}"}}"#));
                for bio in 0..UPDATES {
                    let answer = writer.put(&format!("/v1/users/u{user}"), format!(r#"{{"bio":"{bio}"}}"#));
                    assert_eq!(answer.status, 200, "{answer:?}");
                }
                let found = reader.get(&format!("/v1/users/u{user}")).json();
                assert_eq!(found["bio"], (UPDATES - 1).to_string());
            });
        }
    });
}
