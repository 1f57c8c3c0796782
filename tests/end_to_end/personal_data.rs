//! Nothing of a person and no token is told to anybody but who asks for it: not in the log at level trace, not by the
//! metrics, not by `/readyz`, not in a refusal; whatever is asked, and whatever fails.
//!
//! Of the 18 members `active` has nothing to recognise, and `id` is what the log names a user by.

use std::fs;
use std::thread;

use rusqlite::Connection;
use users_testkit::PrivatePostgres;
use users_tests::{Answer, Client, Database, Service, TestDatabase, on_both_databases, until, users};

on_both_databases!(
    no_request_leaves_anything_of_a_person_behind,
    no_command_leaves_anything_of_a_person_behind,
    a_broken_row_is_not_told_of_with_what_it_holds,
);

/// A value for each member, in a form that stands nowhere else.
pub const CANARIES: [(&str, &str); 16] = [
    ("avatar", "https://canary-avatar.example.org/a.png"),
    ("bio", "canary-bio"),
    ("birthday", "1907-03-14"),
    ("country", "Canaria"),
    ("email", "canary-email@example.org"),
    ("firstName", "Canary-First"),
    ("lastName", "Canary-Last"),
    ("last_seen", "2019-04-05T06:07:08.123456Z"),
    ("last_typed", "2018-04-05T06:07:08.123456Z"),
    ("location", "canary-location"),
    ("organization", "canary-organization"),
    ("phone", "+49 176 0000 4711"),
    ("regions", "canary-regions"),
    ("title", "canary-title"),
    ("twitter", "@canary_twitter"),
    ("username", "Canary-Username"),
];

/// The secret of a token that was never given out.
const WRONG_SECRET: &str = "ca0a47ca0a47ca0a47ca0a47ca0a47ca0a47ca0a47ca0a47ca0a47ca0a47ca0a";

/// What is sent where it has no business; a refusal may repeat it, to whom it was sent by, and nobody else may.
const STRAY: &str = "canary-stray";

const TRACE: [&str; 4] = ["--log", "trace", "--metrics-listen", "127.0.0.1:0"];
const JSON: &str = "content-type: application/json";
const MERGE: &str = "content-type: application/merge-patch+json";
const PATCH: &str = "content-type: application/json-patch+json";

fn value(member: &str) -> &'static str {
    CANARIES.iter().find(|(name, _)| *name == member).unwrap().1
}

/// The members of a user with all canaries, without braces.
fn members() -> String {
    CANARIES.map(|(member, value)| format!(r#""{member}":"{value}""#)).join(",")
}

/// The same, with values that break the rule of their member.
fn broken_members() -> String {
    CANARIES.map(|(member, value)| format!(r#""{member}":"{value}\u0000{STRAY}""#)).join(",")
}

/// Text in a query, as a browser codes it.
fn coded(text: &str) -> String {
    text.replace('%', "%25").replace('+', "%2B").replace([' ', '&', '#'], "%20")
}

/// Fails where the text holds a canary or a secret, or a stray.
#[track_caller]
fn assert_clean(text: &str, place: &str, secrets: &[&str]) {
    let text = text.to_lowercase();
    let forbidden =
        CANARIES.iter().map(|(_, value)| *value).chain([STRAY, WRONG_SECRET]).chain(secrets.iter().copied());
    for canary in forbidden {
        let lines: Vec<_> = text.lines().filter(|line| line.contains(&canary.to_lowercase())).collect();
        assert_eq!(lines, Vec::<&str>::new(), "{canary} is in {place}");
    }
}

/// Fails where a refusal repeats a value of a member or a token. Paths and unknown names are told to whom they came from.
#[track_caller]
fn assert_tells_nothing(answer: &Answer, secrets: &[&str]) {
    if answer.status >= 400 {
        let told = format!("{:?}{}", answer.headers, answer.body);
        assert_clean(&told.replace(STRAY, ""), "a refusal", secrets);
    }
}

/// The part of a token that nobody may see.
fn secret(token: &str) -> &str {
    token.rsplit_once('_').unwrap().1
}

fn metrics(service: &Service) -> Client {
    let line = service.log().find(r#""message":"listening""#).unwrap();
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    Client::new(line["metrics.address"].as_str().unwrap().parse().unwrap())
}

/// Ends the service, and checks everything that it has said.
fn assert_nothing_is_left_behind(mut service: Service, secrets: &[&str]) {
    for answer in [metrics(&service).get("/metrics"), service.anonymous().get("/readyz")] {
        assert_clean(&answer.body, "what everybody may read", secrets);
    }
    service.terminate();
    service.wait();
    until("the last line is logged", || service.log().find(r#""message":"stopped""#));
    let log = service.log().text();
    assert!(log.contains("TRACE") && log.lines().count() > 20, "this is no log at level trace:\n{log}");
    assert_clean(&log, "the log", secrets);
    assert_clean(&service.stdout().text(), "standard output", secrets);
}

fn no_request_leaves_anything_of_a_person_behind(database: Database) {
    let service = Service::start_on(TestDatabase::create(database), &TRACE).with_token();
    let own = users(service.database(), "token create --name phone --user ada", &[]).success();
    let (token, own) = (service.token().to_owned(), own.trim_end().to_owned());
    let secrets = [secret(&token), secret(&own)];
    let client = service.client();
    for answer in accepted(&client, &service.anonymous().authorized(&format!("Bearer {own}"))) {
        assert!(answer.status < 400, "{answer:?}");
    }
    for answer in refused(&client).into_iter().chain(with_wrong_tokens(&service, &own)) {
        assert!((400..500).contains(&answer.status), "{answer:?}");
        assert_tells_nothing(&answer, &secrets);
    }
    assert_nothing_is_left_behind(service, &secrets);
}

/// Sends the canaries in every way that is taken.
fn accepted(client: &Client, own: &Client) -> Vec<Answer> {
    let members = members();
    let unnamed = members.replace(&format!(r#","username":"{}""#, value("username")), "");
    let patch: Vec<_> = CANARIES
        .iter()
        .map(|(member, value)| format!(r#"{{"op":"add","path":"/{member}","value":"{value}"}}"#))
        .chain([format!(r#"{{"op":"test","path":"/bio","value":"{}"}}"#, value("bio"))])
        .collect();
    let keyed = format!("idempotency-key: {STRAY}");
    let mut answers = vec![
        client.post(format!(r#"{{"id":"ada","active":false,{members}}}"#)),
        client.post(r#"{"id":"bob"}"#),
        client.put("/v1/users/ada", format!("{{{members}}}")),
        client.send("PATCH /v1/users/ada", &[MERGE], format!("{{{members}}}")),
        client.send("PATCH /v1/users/ada", &[PATCH], format!("[{}]", patch.join(","))),
        client.send("PUT /v1/users/ada", &[JSON, &keyed], format!("{{{members}}}")),
        client.send("PUT /v1/users/ada", &[JSON, &keyed], format!("{{{members}}}")),
        client.send("PUT /v1/users/ada?dry_run=true", &[JSON], format!("{{{members}}}")),
        client.send("POST /v1/users/bulk", &[JSON], format!(r#"{{"items":[{{{unnamed}}},{{{members}}}]}}"#)),
        client.send(
            "PUT /v1/users/bulk",
            &[JSON],
            format!(r#"{{"updates":[{{"id":"ada","data":{{{members}}}}}]}}"#),
        ),
        client.send(
            "PUT /v1/users/ada",
            &[JSON, "prefer: handling=lenient"],
            format!(r#"{{"{STRAY}":"{STRAY}"}}"#),
        ),
        own.get("/v1/users/ada"),
        own.put("/v1/users/ada", format!(r#"{{"bio":"{}"}}"#, value("bio"))),
        client.get("/v1/users/ada"),
        client.get("/v1/users?include_total=true"),
        client.send("GET /v1/users", &[JSON], format!(r#"{{"email":"{}"}}"#, value("email"))),
        client.send("DELETE /v1/users/bob", &[&format!("{keyed}-2")], ""),
        client.send("DELETE /v1/users/bulk", &[JSON], r#"{"ids":["bob","nobody"]}"#),
    ];
    for member in ["username", "email", "organization", "country"] {
        for path in ["/v1/users", "/v1/users/count"] {
            answers.push(client.get(&format!("{path}?{member}={}", coded(value(member)))));
        }
    }
    for member in ["username", "email", "organization", "firstName", "lastName"] {
        let page = client.get(&format!("/v1/users/search?limit=1&query={}", coded(value(member))));
        if let Some(cursor) = page.json()["next_cursor"].as_str() {
            let query = coded(value(member));
            answers.push(client.get(&format!("/v1/users/search?limit=1&query={query}&cursor={cursor}")));
        }
        answers.push(page);
    }
    answers
}

/// Sends the canaries in every way that is refused.
fn refused(client: &Client) -> Vec<Answer> {
    let (members, broken) = (members(), broken_members());
    let taken = value("username");
    let typed = CANARIES.map(|(member, value)| format!(r#""{member}":["{value}"]"#)).join(",");
    let cut_off = format!("{{{members}");
    client.create(r#"{"id":"eve","title":"x"}"#);
    let answers = vec![
        client.get("/v1/users/bob"),
        client.post(format!(r#"{{"id":"ada",{members}}}"#)),
        client.post(format!(r#"{{"username":"{taken}"}}"#)),
        client.post(format!("{{{broken}}}")),
        client.put("/v1/users/eve", format!(r#"{{"username":"{taken}"}}"#)),
        client.put("/v1/users/eve", format!("{{{broken}}}")),
        client.put("/v1/users/eve", format!("{{{typed}}}")),
        client.put("/v1/users/eve", format!(r#"{{"id":"{STRAY}",{members}}}"#)),
        client.put("/v1/users/eve", &cut_off),
        client.put("/v1/users/eve", format!(r#"{{{members},"bio":"x"}}"#)),
        client.put("/v1/users/eve", format!(r#"{{"{STRAY}":"{STRAY}",{members}}}"#)),
        client.put("/v1/users/nobody", format!("{{{members}}}")),
        client.put(&format!("/{STRAY}"), format!("{{{members}}}")),
        client.send("PUT /v1/users/eve", &[JSON, &format!("if-match: \"{STRAY}\"")], r#"{"title":"y"}"#),
        client.send("PUT /v1/users/eve", &[&format!("content-type: {STRAY}/x")], format!("{{{members}}}")),
        client.send("PUT /v1/users/eve", &[JSON, &format!("idempotency-key: {STRAY} {STRAY}")], "{}"),
        client.send("PUT /v1/users/ada", &[JSON, &format!("idempotency-key: {STRAY}")], "{}"),
        client.send(&format!("PUT /v1/users/eve?dry_run={STRAY}"), &[JSON], format!("{{{members}}}")),
    ];
    answers.into_iter().chain(refused_beyond_single_documents(client)).collect()
}

fn refused_beyond_single_documents(client: &Client) -> Vec<Answer> {
    let (members, broken) = (members(), broken_members());
    let taken = value("username");
    let cut_off = format!("{{{members}");
    let answers = vec![
        client.send("PATCH /v1/users/eve", &[MERGE], format!("{{{broken}}}")),
        client.send(
            "PATCH /v1/users/eve",
            &[PATCH],
            format!(r#"[{{"op":"test","path":"/bio","value":"{}"}}]"#, value("bio")),
        ),
        client.send(
            "PATCH /v1/users/eve",
            &[PATCH],
            format!(r#"[{{"op":"{STRAY}","path":"/{STRAY}","value":"{STRAY}"}}]"#),
        ),
        client.send(
            "PATCH /v1/users/eve",
            &[PATCH],
            format!(r#"[{{"op":"add","path":"/username","value":"{taken}"}}]"#),
        ),
        client.send("PATCH /v1/users/eve", &[PATCH], &cut_off),
        client.send("POST /v1/users/bulk", &[JSON], format!(r#"{{"items":{{{members}}}}}"#)),
        client.send("PUT /v1/users/bulk", &[JSON], &cut_off),
        client.send("GET /v1/users", &[JSON], format!(r#"{{"email":"{}\u0000"}}"#, value("email"))),
        client.get(&format!("/v1/users/{STRAY}%20")),
        client.get(&format!("/v1/users/search?query={}%00", coded(value("email")))),
        client.get(&format!("/v1/users?cursor={STRAY}")),
        client.get(&format!("/v1/users?{STRAY}={}", coded(value("phone")))),
        client.get(&format!("/v1/users/count?email={}&email={STRAY}", coded(value("email")))),
        client.exchange(format!("{STRAY} {}\r\n{}\r\n\r\n", value("title"), value("bio")).as_bytes()),
        client.exchange(format!("GET /{STRAY} HTTP/1.1\r\nhost: x\r\n{}\r\n\r\n", value("bio")).as_bytes()),
    ];
    // Each item of a bulk request is refused by itself, within an answer of 200.
    for (request, body) in [
        (
            "POST /v1/users/bulk",
            format!(r#"{{"items":[{{{broken}}},{{"id":"ada"}},{{"username":"{taken}"}}]}}"#),
        ),
        (
            "PUT /v1/users/bulk",
            format!(
                r#"{{"updates":[{{"id":"eve","data":{{{broken}}}}},{{"id":"eve","data":{{"username":"{taken}"}}}}]}}"#
            ),
        ),
    ] {
        let results = client.send(request, &[JSON], body).json();
        assert_eq!(results["succeeded"], 0, "{results}");
        assert_clean(&results.to_string(), "the results of a bulk request", &[]);
    }
    answers
}

/// Shows tokens that are wrong, or in the wrong place.
fn with_wrong_tokens(service: &Service, own: &str) -> Vec<Answer> {
    let token = service.token();
    let id = token.split('_').nth(1).unwrap();
    let body = format!("{{{}}}", members());
    let wrong = [
        format!("Token usr_{id}_{WRONG_SECRET}"),
        format!("Bearer usr_{id}_{WRONG_SECRET}"),
        format!("Token usr_{STRAY}_{WRONG_SECRET}"),
        format!("Bearer {STRAY}"),
        format!("Basic {token}"),
        format!("{STRAY} {token}"),
        format!("Token {token}{STRAY}"),
        token.to_owned(),
        String::new(),
    ];
    let shown = wrong.iter().map(|line| service.anonymous().authorized(line).put("/v1/users/ada", &body));
    let own = service.anonymous().authorized(&format!("Token {own}"));
    let misplaced = [
        service.anonymous().get(&format!("/v1/users?token={token}")),
        service.anonymous().get(&format!("/v1/users/{STRAY}?api_key={token}&x=usr_{id}_{WRONG_SECRET}")),
        service.anonymous().send(
            "GET /v1/users/ada",
            &[&format!("x-api-key: {token}"), &format!("cookie: t={token}")],
            "",
        ),
        service.client().get(&format!("/v1/users?cursor={token}&x={token}")),
        service.client().send("PUT /v1/users/ada", &[JSON, &format!("idempotency-key: {token} x")], "{}"),
        service.client().put("/v1/users/ada", format!(r#"{{"phone":"{token}","token":"{token}"}}"#)),
        own.put("/v1/users/eve", &body),
        own.get("/v1/users"),
    ];
    shown.chain(misplaced).collect()
}

fn no_command_leaves_anything_of_a_person_behind(database: Database) {
    let service = Service::start_on(TestDatabase::create(database), &TRACE).with_token();
    let (members, broken) = (members(), broken_members());
    let file = |name: &str, text: &str| fs::write(service.database().folder().join(name), text).unwrap();
    file("good.ndjson", &format!("{{\"id\":\"ada\",{members}}}\n"));
    file(
        "bad.ndjson",
        &format!("{{{broken}}}\n{{\"id\":\"eve\",{members}}}\n{{{members}\n{{\"{STRAY}\":1}}\n"),
    );
    let (names, values): (Vec<_>, Vec<_>) = CANARIES.into_iter().unzip();
    file("bad.csv", &format!("{}\n{}\n\"{STRAY}\"{STRAY}\n", names.join(","), values.join(",")));
    let trace = [("USERS_LOG", "trace")];
    let commands = [
        ("import good.ndjson", 0),
        ("import bad.ndjson --errors bad.errors", 1),
        ("import bad.csv --errors csv.errors", 1),
        ("export all.csv", 0),
        ("export - --filter email=canary-email@example.org", 0),
        ("user get ada", 0),
        ("user update ada --set bio=canary-bio --set username=Canary-Username", 0),
        ("user update ada --set email=canary-stray", 1),
        ("user update nobody --set title=canary-title", 1),
        ("user delete nobody", 1),
    ];
    for (command, code) in commands {
        let outcome = users(service.database(), command, &trace);
        assert!((outcome.code == Some(0)) == (code == 0), "{command}: {outcome:?}");
        assert_clean(&outcome.stderr, command, &[]);
    }
    for name in ["bad.errors", "csv.errors"] {
        let told = fs::read_to_string(service.database().folder().join(name)).unwrap();
        // A name that is unknown is told to whom it is from, as everywhere.
        assert_clean(&told.replace(STRAY, ""), name, &[]);
        assert!(told.lines().count() >= 2, "{told}");
    }
    let made = users(service.database(), "token create --name x --scope users:read", &trace);
    let secret = secret(made.stdout.trim_end());
    assert_clean(&made.stderr, "the log of a command that makes a token", &[secret]);
    let listed = users(service.database(), "token list", &trace);
    assert_clean(&format!("{listed:?}"), "the list of tokens", &[secret]);
    assert_nothing_is_left_behind(service, &[secret]);
}

/// Somebody has put a rule, and a value that nobody can read, into the database behind the service's back.
fn a_broken_row_is_not_told_of_with_what_it_holds(database: Database) {
    let service = Service::start_on(TestDatabase::create(database), &TRACE).with_token();
    let client = service.client();
    client.create(format!(r#"{{"id":"ada",{}}}"#, members()));
    client.create(r#"{"id":"bob"}"#);
    let broken = match database {
        Database::Sqlite => {
            service.database().execute("UPDATE users SET birthday = 'canary-stray' WHERE id = 'ada'");
            client.get("/v1/users/ada")
        }
        Database::Postgres => {
            service
                .database()
                .execute("ALTER TABLE users ADD CONSTRAINT rule CHECK (bio NOT LIKE 'canary%') NOT VALID");
            client
                .put("/v1/users/bob", format!(r#"{{"bio":"{}","email":"{}"}}"#, value("bio"), value("email")))
        }
    };
    assert_eq!((broken.status, &broken.json()["code"]), (500, &"INTERNAL_ERROR".into()), "{broken:?}");
    assert_tells_nothing(&broken, &[]);
    until("what went wrong is logged", || service.log().find(r#""level":"ERROR""#));
    let secret = secret(service.token()).to_owned();
    assert_nothing_is_left_behind(service, &[&secret]);
}

#[test]
fn a_postgresql_that_goes_away_under_writes_leaves_nothing_of_a_person_behind() {
    let postgres = PrivatePostgres::builder().setting("log_error_verbosity", "terse").start();
    let database = TestDatabase::at(postgres.create_database());
    let flags = [&TRACE[..], &["--connect-timeout", "1s", "--request-timeout", "3s"]].concat();
    let service = Service::start_on(database, &flags).with_token();
    let client = service.client();
    client.create(format!(r#"{{"id":"ada",{}}}"#, members()));
    client.create(r#"{"id":"bob"}"#);
    let outages = [PrivatePostgres::stop, PrivatePostgres::kill];
    for go_away in outages {
        let answers: Vec<_> = thread::scope(|scope| {
            let writers: Vec<_> = (0..8).map(|_| scope.spawn(|| write_until_refused(&client))).collect();
            thread::sleep(std::time::Duration::from_millis(200));
            go_away(&postgres);
            writers.into_iter().map(|writer| writer.join().unwrap()).collect()
        });
        for answer in answers {
            assert_eq!(answer.status, 503, "{answer:?}");
            assert_tells_nothing(&answer, &[]);
        }
        assert_clean(&service.anonymous().get("/readyz").body, "/readyz", &[]);
        postgres.start();
        service.wait_until_ready();
    }
    assert!(postgres.log().contains("users_username_key_unique"), "names were refused by the database");
    assert_clean(&postgres.log(), "the log of PostgreSQL, which is told to be terse", &[]);
    let secret = secret(service.token()).to_owned();
    assert_nothing_is_left_behind(service, &[&secret]);
}

/// Writes the canaries, of which one claims a name that is taken, until the database is away.
fn write_until_refused(client: &Client) -> Answer {
    for number in 0.. {
        let title = format!(r#"{{"title":"{} {number}","email":"{}"}}"#, value("title"), value("email"));
        let taken = format!(r#"{{"username":"{}"}}"#, value("username"));
        let read = format!("/v1/users?email={}", coded(value("email")));
        for answer in
            [client.put("/v1/users/ada", title), client.put("/v1/users/bob", taken), client.get(&read)]
        {
            if !matches!(answer.status, 200 | 409) {
                return answer;
            }
        }
    }
    unreachable!()
}

#[test]
fn a_locked_file_leaves_nothing_of_a_person_behind() {
    let service = Service::start_on(TestDatabase::create(Database::Sqlite), &TRACE).with_token();
    let client = service.client();
    client.create(r#"{"id":"ada"}"#);
    let lock = Connection::open(service.database().url().strip_prefix("sqlite:").unwrap()).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let answer = client.put("/v1/users/ada", format!("{{{}}}", members()));
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_tells_nothing(&answer, &[]);
    lock.execute_batch("ROLLBACK").unwrap();
    let secret = secret(service.token()).to_owned();
    assert_nothing_is_left_behind(service, &[&secret]);
}
