//! Traces of requests, as a collector gets them: whole, as parts of their callers' traces, and without anything personal.

use std::thread;
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use users_tests::{Client, Collector, Database, Service, TestDatabase, attribute, on_both_databases, until};

use crate::personal_data::CANARIES;

on_both_databases!(
    a_request_is_traced_down_to_its_statements,
    nothing_personal_and_no_token_is_in_a_trace,
    requests_that_share_a_batch_are_linked_with_it,
    a_collector_that_is_away_harms_nobody,
);

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

/// A service whose traces go to `url`, besides these flags.
fn service(database: Database, url: &str, flags: &[&str]) -> Service {
    let flags = [&["--otlp-endpoint", url], flags].concat();
    Service::start_on(TestDatabase::create(database), &flags).with_token()
}

/// Updates the user under a trace, whose flags are 01 where it is to be told of.
fn put(client: &Client, id: &str, trace: &str, flags: &str, body: &str) {
    let parent = format!("traceparent: 00-{trace}-{CALLER}-{flags}");
    let answer = client.send(&format!("PUT /v1/users/{id}"), &[&parent, "tracestate: vendor=x"], body);
    assert_eq!(answer.status, 200, "{answer:?}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// The spans of a trace, once that of its request is among them.
fn spans_of(collector: &Collector, trace: &str) -> Vec<Span> {
    until("the request's span has arrived", || {
        let spans = collector.spans().into_iter().filter(|span| hex(&span.trace_id) == trace);
        let spans: Vec<_> = spans.collect();
        spans.iter().any(|span| span.kind == SpanKind::Server as i32).then_some(spans)
    })
}

#[track_caller]
fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let names: Vec<_> = spans.iter().map(|span| &span.name).collect();
    spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no {name} among {names:?}"))
}

fn a_request_is_traced_down_to_its_statements(database: Database) {
    let collector = Collector::start();
    let flags = ["--otlp-headers", "api-key=s3cret%21", "--trace-sampler", "parentbased_always_off"];
    let mut service = service(database, &collector.url(), &flags);
    let client = service.client();
    client.create(r#"{"id":"ada"}"#);
    put(&client, "ada", TRACE, "01", r#"{"bio":"new"}"#);
    put(&client, "ada", &TRACE.replace('4', "5"), "00", r#"{"bio":"newer"}"#);
    let line = until("the request is logged", || service.log().find(TRACE));
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&line["trace_id"], &line["route"]), (&TRACE.into(), &"/v1/users/{id}".into()));
    service.terminate();
    assert!(service.wait().success());

    // All that was not to be told of is not: the request that created the user, and the one whose caller said so.
    let spans = spans_of(&collector, TRACE);
    assert_eq!(spans.len(), collector.spans().len(), "{:?}", collector.spans());

    let request = named(&spans, "PUT /v1/users/{id}");
    assert_eq!((request.kind, hex(&request.parent_span_id)), (SpanKind::Server as i32, CALLER.to_owned()));
    assert_eq!(request.trace_state, "vendor=x");
    for (key, value) in [
        ("http.request.method", "PUT"),
        ("http.route", "/v1/users/{id}"),
        ("http.response.status_code", "200"),
        ("url.scheme", "http"),
        ("url.path", "/v1/users/{id}"),
        ("server.address", "127.0.0.1"),
    ] {
        assert_eq!(attribute(request, key), value, "{key}");
    }
    assert_eq!(attribute(request, "server.port"), service.address().port().to_string());

    let write = |name: &str| {
        spans.iter().find(|span| span.name == name && attribute(span, "queue.name") == "write").unwrap()
    };
    assert_eq!(write("wait").parent_span_id, request.span_id);
    let batch = write("batch");
    assert_eq!(batch.parent_span_id, request.span_id);
    assert_eq!(attribute(batch, "db.operation.batch.size"), "", "a batch of one is none");
    let update = named(&spans, "UPDATE");
    assert_eq!((update.kind, &update.parent_span_id), (SpanKind::Client as i32, &batch.span_id));
    let system = match database {
        Database::Sqlite => "sqlite",
        Database::Postgres => "postgresql",
    };
    assert_eq!(attribute(update, "db.system.name"), system);
    assert_eq!(attribute(update, "db.operation.name"), "UPDATE");
    for (earlier, later) in [(request, write("wait")), (write("wait"), batch), (batch, update)] {
        assert!(earlier.start_time_unix_nano <= later.start_time_unix_nano);
    }
    assert!(update.end_time_unix_nano <= request.end_time_unix_nano);

    let resource = collector.resource();
    for (key, value) in [("service.name", "users"), ("service.version", env!("CARGO_PKG_VERSION"))] {
        assert!(resource.contains(&(key.to_owned(), value.to_owned())), "{resource:?}");
    }
    for export in collector.exports() {
        assert_eq!(export.head[0], "post /v1/traces http/1.1");
        assert!(export.head.contains(&"api-key: s3cret!".to_owned()), "{:?}", export.head);
    }
    assert!(!service.log().text().contains("s3cret"));
}

fn nothing_personal_and_no_token_is_in_a_trace(database: Database) {
    let collector = Collector::start();
    let mut service = service(database, &collector.url(), &["--log", "trace"]);
    let client = service.client();
    let id = "canary-id";
    client.create(format!(r#"{{"id":"{id}"}}"#));
    let members = CANARIES.map(|(member, value)| format!(r#""{member}":"{value}""#)).join(",");
    put(&client, id, TRACE, "01", &format!(r#"{{"id":"{id}","active":false,{members}}}"#));
    assert_eq!(client.post(format!(r#"{{"id":"canary-id-2",{members}}}"#)).status, 409);
    assert_eq!(client.put("/v1/users/canary-path", "{").status, 400);
    assert_eq!(client.get("/canary-path?canary-query").status, 404);
    assert_eq!(client.send("canary-method /v1/users", &["user-agent: canary-agent"], "").status, 405);
    service.terminate();
    service.wait();

    let names: Vec<_> = collector.spans().into_iter().map(|span| span.name).collect();
    for name in ["PUT /v1/users/{id}", "POST /v1/users", "GET", "HTTP /v1/users", "wait", "batch", "INSERT"] {
        assert!(names.iter().any(|found| found == name), "no {name} among {names:?}");
    }
    let (_, secret) = service.token().rsplit_once('_').unwrap();
    let strays = ["canary", secret];
    for export in collector.exports() {
        let text = String::from_utf8_lossy(&export.body).to_lowercase();
        for canary in CANARIES.iter().map(|(_, value)| *value).chain(strays) {
            assert!(!text.contains(&canary.to_lowercase()), "{canary} is in a trace");
        }
    }
    // The spans are for the collector alone.
    let log = service.log().text();
    assert!(!log.contains("users_trace") && !log.contains(r#""span":"#), "{log}");
}

fn requests_that_share_a_batch_are_linked_with_it(database: Database) {
    const CLIENTS: usize = 16;
    let collector = Collector::start();
    let service = service(database, &collector.url(), &[]);
    let client = service.client();
    let id = |number: usize| format!("user-{number}");
    (0..CLIENTS).for_each(|number| drop(client.create(format!(r#"{{"id":"{}"}}"#, id(number)))));
    let trace = |round: usize, number: usize| format!("{:032x}", 1 + round * CLIENTS + number);
    let mut round = 0;
    let batch = until("some requests have shared a batch", || {
        round += 1;
        thread::scope(|scope| {
            for number in 0..CLIENTS {
                let (service, round) = (&service, round);
                scope.spawn(move || {
                    let body = format!(r#"{{"bio":"{round}"}}"#);
                    put(&service.client(), &id(number), &trace(round, number), "01", &body);
                });
            }
        });
        collector.spans().into_iter().find(|span| span.name == "batch" && !span.links.is_empty())
    });
    assert_eq!(attribute(&batch, "db.operation.batch.size"), (batch.links.len() + 1).to_string());
    // Each trace leads to the batch, too: by the wait that ended with it.
    for link in &batch.links {
        let wait = until("the wait has arrived", || {
            collector.spans().into_iter().find(|span| {
                span.trace_id == link.trace_id && span.name == "wait" && span.parent_span_id == link.span_id
            })
        });
        assert!(wait.links.iter().any(|back| back.span_id == batch.span_id), "{wait:?}");
    }
}

fn a_collector_that_is_away_harms_nobody(database: Database) {
    let flags = ["--metrics-listen", "127.0.0.1:0"];
    let mut service = service(database, "http://127.0.0.1:1", &flags);
    let client = service.client();
    client.create(r#"{"id":"ada"}"#);
    for _ in 0..20 {
        put(&client, "ada", TRACE, "01", "{}");
    }
    let line = service.log().find(r#""message":"listening""#).unwrap();
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    let metrics = Client::new(line["metrics.address"].as_str().unwrap().parse().unwrap());
    until("the loss is counted", || {
        let page = metrics.get("/metrics").body;
        let failed =
            page.lines().find_map(|line| line.strip_prefix(r#"users_trace_spans_total{result="failed"} "#));
        (failed.unwrap().parse::<u64>().unwrap() > 20).then_some(())
    });
    until("the loss is logged", || service.log().find("traces cannot be sent"));
    put(&client, "ada", TRACE, "01", "{}");
    let stopping = Instant::now();
    service.terminate();
    assert!(service.wait().success());
    assert!(stopping.elapsed() < Duration::from_secs(6), "{:?}", stopping.elapsed());
    let told = service.log().all().into_iter().filter(|line| line.contains("traces cannot be sent")).count();
    assert_eq!(told, 1, "it is told once in a while");
}
