//! The documented request with its 18 members, on both databases: each one alone, all together, each null, each of a
//! wrong type, each at its limit and one past it.

mod cases;
mod rules;

use std::thread;

use users_tests::{Answer, Database, Service};

use self::cases::{Case, Wanted, cases};
use crate::expected::{Refusal, headers, user};

#[test]
fn every_member_is_answered_as_documented_and_alike_on_both_databases() {
    let cases = cases();
    assert!(cases.len() > 200, "only {} cases", cases.len());
    let [sqlite, postgres] = thread::scope(|scope| {
        [Database::Sqlite, Database::Postgres]
            .map(|database| {
                let cases = &cases;
                scope.spawn(move || transcripts(database, cases))
            })
            .map(|thread| thread.join().unwrap())
    });
    for (sqlite, postgres) in sqlite.iter().zip(&postgres) {
        assert_eq!(sqlite, postgres);
    }
}

/// Sends every case to a service on this database, checks the answers, and gives back what went over the wire.
fn transcripts(database: Database, cases: &[Case]) -> Vec<String> {
    let service = Service::start(database);
    let client = service.client();
    let mut wrong = Vec::new();
    let transcripts = cases.iter().enumerate().map(|(number, case)| {
        let id = format!("case-{number}");
        let created = client.create(case.before.replace("{id}", &id));
        let path = format!("/v1/users/{id}");
        let answer = client.put(&path, case.body.replace("{id}", &id));
        let after = client.get(&path);
        if let Some(difference) = difference(case, &id, &created, &answer, &after) {
            wrong.push(format!("{database:?}: {} {difference}", case.body));
        }
        format!("{}\n{}\n{}", case.body, answer.transcript(), after.transcript())
    });
    let transcripts = transcripts.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    transcripts
}

/// What is wrong with the answer to a case, or with what the user then is.
fn difference(case: &Case, id: &str, created: &Answer, answer: &Answer, after: &Answer) -> Option<String> {
    let (status, media_type, body, more) = match &case.wanted {
        Wanted::Updated(members) => {
            let body = user(id, members).replace("{id}", id);
            let more: Vec<_> = ["etag", "last-modified"]
                .into_iter()
                .map(|name| format!("{name}: {}", answer.header(name).unwrap_or("missing")))
                .collect();
            (200, "application/json", body, more)
        }
        Wanted::Refused(errors) => (422, "application/problem+json", invalid(id, errors), Vec::new()),
    };
    let more: Vec<_> = more.iter().map(String::as_str).collect();
    let headers = headers(media_type, "no-store", &body, &more);
    if (answer.status, &answer.body, &answer.headers) != (status, &body, &headers) {
        return Some(format!("is answered\n{answer:?}\ninstead of {status}\n{headers:?}\n{body}"));
    }
    let last = if status == 200 { answer } else { created };
    if (&after.body, after.etag()) != (&last.body, last.etag()) {
        return Some(format!("leaves behind\n{after:?}\ninstead of\n{last:?}"));
    }
    // What a tag looks like is the service's affair, but it must be a strong one, and a date is a date.
    let (tag, modified) = (after.etag(), after.header("last-modified").unwrap_or_default());
    let well_formed =
        tag.starts_with('"') && tag.len() > 2 && tag.ends_with('"') && modified.ends_with(" GMT");
    (!well_formed).then(|| format!("has the tag {tag} and the date {modified}"))
}

fn invalid(id: &str, errors: &[(String, &str, &str)]) -> String {
    let first = errors.first().map(|(pointer, _, detail)| format!("{pointer} {detail}")).unwrap_or_default();
    let detail = match errors.len() {
        1 => format!("The body breaks a rule: {first}."),
        count => format!("The body breaks {count} rules; the first: {first}."),
    };
    Refusal {
        status: 422,
        code: "VALIDATION_ERROR",
        title: "The request breaks a rule",
        detail: &detail,
        instance: &format!("/v1/users/{id}"),
        errors,
    }
    .body()
}
