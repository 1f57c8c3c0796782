//! The dashboard and the alerts in `deploy/` ask for what the service really measures, and lead to what there is to read.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do, by a panic"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;
use users_tests::{Client, Database, Service, TestDatabase};

/// Metrics that Prometheus makes itself.
const OF_PROMETHEUS: [&str; 1] = ["up"];

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(path)).unwrap()
}

fn dashboard() -> Value {
    serde_json::from_str(&read("deploy/grafana/users.json")).unwrap()
}

/// Each name of a sample on the page of a real service, with the names of its labels.
fn measured() -> BTreeMap<String, BTreeSet<String>> {
    let flags = ["--metrics-listen", "127.0.0.1:0"];
    let service = Service::start_on(TestDatabase::create(Database::Sqlite), &flags).with_token();
    service.client().create(r#"{"id":"ada"}"#);
    let line = service.log().find(r#""message":"listening""#).unwrap();
    let line: Value = serde_json::from_str(&line).unwrap();
    let metrics = Client::new(line["metrics.address"].as_str().unwrap().parse().unwrap());
    let mut measured = BTreeMap::<String, BTreeSet<String>>::new();
    for sample in metrics.get("/metrics").body.lines().filter(|line| !line.starts_with('#')) {
        let (name, rest) = sample.split_at(sample.find(['{', ' ']).unwrap());
        measured.entry(name.to_owned()).or_default().extend(labels(rest));
    }
    measured
}

/// The names before `=` and the like in braces.
fn labels(text: &str) -> impl Iterator<Item = String> {
    let ends = text.match_indices('"').step_by(2).map(|(quote, _)| quote);
    ends.filter_map(|quote| {
        let before = text.get(..quote)?.trim_end_matches(['=', '!', '~']);
        let name = before.rsplit(|c: char| !c.is_ascii_lowercase() && c != '_').next()?;
        (!name.is_empty()).then(|| name.to_owned())
    })
}

/// The words of a query that are written as metrics are, each with the selector behind it.
fn metrics_in(query: &str) -> Vec<(String, String)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = Vec::new();
    let mut rest = query;
    while let Some(start) = rest.find(is_part) {
        let word = rest.get(start..).unwrap();
        let end = word.find(|c| !is_part(c)).unwrap_or(word.len());
        let (name, after) = word.split_at(end);
        let selector = after.strip_prefix('{').and_then(|braced| Some(braced.split_at(closing(braced)?).0));
        if ["users_", "process_"].iter().any(|prefix| name.starts_with(prefix))
            || OF_PROMETHEUS.contains(&name)
        {
            found.push((name.to_owned(), selector.unwrap_or_default().to_owned()));
        }
        rest = selector.map_or(after, |selector| after.get(selector.len() + 1..).unwrap());
    }
    found
}

/// Where the brace is that closes the selector; one within quotation marks does not.
fn closing(selector: &str) -> Option<usize> {
    let mut quoted = false;
    selector.char_indices().find_map(|(place, c)| {
        quoted ^= c == '"';
        (c == '}' && !quoted).then_some(place)
    })
}

/// Every query of the dashboard.
fn queries_of_dashboard() -> Vec<String> {
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    let mut queries: Vec<_> = targets.map(|target| target["expr"].as_str().unwrap().to_owned()).collect();
    let variables = dashboard["templating"]["list"].as_array().unwrap().iter();
    queries.extend(variables.filter_map(|variable| variable["definition"].as_str()).map(ToOwned::to_owned));
    queries
}

/// The alerts: name, query, and where to read on.
fn alerts() -> Vec<(String, String, String)> {
    let text = read("deploy/prometheus/alerts.yml");
    let alerts = text.split("- alert: ").skip(1).map(|alert| {
        let (name, rest) = alert.split_once('\n').unwrap();
        let (query, rest) = rest.split_once("expr: ").unwrap().1.split_once("labels: ").unwrap();
        let link = rest.split_once("runbook_url: ").unwrap().1.lines().next().unwrap();
        (name.to_owned(), query.to_owned(), link.to_owned())
    });
    alerts.collect()
}

#[test]
fn what_is_asked_for_is_measured() {
    let measured = measured();
    let mut asked = queries_of_dashboard();
    assert!(asked.len() > 25, "{} queries in the dashboard", asked.len());
    let alerts = alerts();
    assert!(alerts.len() > 9, "{} alerts", alerts.len());
    asked.extend(alerts.into_iter().map(|(_, query, _)| query));
    for query in asked {
        let metrics = metrics_in(&query);
        assert!(!metrics.is_empty(), "nothing is asked for by {query}");
        for (name, selector) in
            metrics.into_iter().filter(|(name, _)| !OF_PROMETHEUS.contains(&name.as_str()))
        {
            let known = measured.get(&name);
            assert!(known.is_some(), "{name} is not measured, but asked for by {query}");
            for label in labels(&selector).filter(|label| !["job", "instance"].contains(&label.as_str())) {
                assert!(known.unwrap().contains(&label), "{name} has no label {label}, asked for by {query}");
            }
        }
    }
}

#[test]
fn everything_that_is_measured_is_on_the_dashboard() {
    let shown: BTreeSet<_> = queries_of_dashboard().iter().flat_map(|query| metrics_in(query)).collect();
    let stem = |name: &str| {
        let parts = ["_bucket", "_sum", "_count"];
        parts.iter().find_map(|part| name.strip_suffix(part)).unwrap_or(name).to_owned()
    };
    let shown: BTreeSet<_> = shown.iter().map(|(name, _)| stem(name)).collect();
    let measured: BTreeSet<_> = measured().keys().map(|name| stem(name)).collect();
    assert_eq!(measured.difference(&shown).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn every_alert_leads_to_its_entry_and_every_entry_is_of_an_alert() {
    let page = read("docs/operations.md");
    let (_, section) = page.split_once("\n## Alerts\n").unwrap();
    let entries: Vec<_> = section.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let alerts = alerts();
    assert_eq!(alerts.iter().map(|(name, ..)| name.as_str()).collect::<Vec<_>>(), entries);
    for (name, _, link) in alerts {
        assert_eq!(link, format!("docs/operations.md#{}", name.to_lowercase()));
    }
    let tests = read("deploy/prometheus/alerts_test.yml");
    assert!(entries.iter().all(|name| tests.contains(name)), "an alert has no test");
}

#[test]
fn every_panel_takes_the_data_source_that_is_chosen() {
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().unwrap().iter().filter(|panel| panel["type"] != "row");
    let mut ids = BTreeSet::new();
    for panel in panels {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "two panels have one id");
        let targets = panel["targets"].as_array().unwrap();
        let sources = targets.iter().map(|target| &target["datasource"]).chain([&panel["datasource"]]);
        for source in sources {
            assert_eq!(source["uid"], "${datasource}", "{}", panel["title"]);
        }
    }
    assert_eq!(dashboard["templating"]["list"][0]["type"], "datasource");
}
