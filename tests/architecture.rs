//! The architecture, as rules that a build can break: who may depend on whom, and what no source file may hold.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do, by a panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Every crate in layer order, with those of ours that it may depend on: each only on crates above it.
const LAYERS: [(&str, &[&str]); 13] = [
    ("users-domain", &[]),
    ("users-ports", &["users-domain"]),
    ("users-use-cases", &["users-domain", "users-ports"]),
    ("users-gather", &[]),
    // What other programs use knows the wire, and nothing of the inside.
    ("users-client", &[]),
    ("users-testkit", &["users-domain", "users-ports"]),
    ("users-postgres", &["users-domain", "users-ports", "users-gather"]),
    ("users-sqlite", &["users-domain", "users-ports", "users-gather"]),
    ("users-http", &["users-domain", "users-use-cases"]),
    (
        "users-app",
        &["users-domain", "users-ports", "users-use-cases", "users-postgres", "users-sqlite", "users-http"],
    ),
    // Those that look at the service from outside know nothing of its inside.
    ("users-bench", &["users-testkit"]),
    ("users-torture", &["users-testkit"]),
    ("users-tests", &["users-testkit", "users-client"]),
];

/// What the tests of any crate may use besides.
const FOR_TESTS: [&str; 2] = ["users-testkit", "users-ports"];

/// Crates of others that only some of ours may name. The benchmark measures the service against bare ones.
const CONFINED: [(&str, &[&str]); 13] = [
    ("diesel", &["users-postgres", "users-sqlite", "users-bench"]),
    ("diesel_migrations", &["users-postgres", "users-sqlite"]),
    ("libsqlite3-sys", &["users-sqlite", "users-bench"]),
    ("actix-web", &["users-http", "users-app", "users-bench"]),
    ("utoipa", &["users-http"]),
    ("clap", &["users-app", "users-bench", "users-torture"]),
    ("reqwest", &["users-client"]),
    ("opentelemetry", &["users-app"]),
    ("opentelemetry-http", &["users-app"]),
    ("opentelemetry-otlp", &["users-app"]),
    ("opentelemetry-proto", &["users-tests"]),
    ("opentelemetry_sdk", &["users-app"]),
    ("tracing-opentelemetry", &["users-app"]),
];

/// What the middle of the service must do without: no runtime, no randomness, no wire format.
const INNER: [&str; 3] = ["users-domain", "users-ports", "users-use-cases"];
const OUTER: [&str; 5] = ["tokio", "rand", "uuid", "serde_json", "futures-util"];

/// The longest that a source file may be, tests included.
const MAX_LINES: usize = 450;

/// The one place where JSON is read, and so where a member may be absent, null or a value.
const JSON_READER: &str = "crates/adapters/http/src/extract/";

struct Package {
    name: String,
    manifest: PathBuf,
    dependencies: Vec<Dependency>,
}

struct Dependency {
    name: String,
    for_tests: bool,
    optional: bool,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The packages of the workspace.
fn packages() -> Vec<Package> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version=1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata.get("packages").and_then(Value::as_array).unwrap();
    packages.iter().map(package).collect()
}

fn package(package: &Value) -> Package {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let dependencies = package["dependencies"].as_array().unwrap().iter().map(|dependency| Dependency {
        name: text(&dependency["name"]),
        for_tests: dependency["kind"] == "dev",
        optional: dependency["optional"] == true,
    });
    Package {
        name: text(&package["name"]),
        manifest: text(&package["manifest_path"]).into(),
        dependencies: dependencies.collect(),
    }
}

/// Every Rust file of the workspace: its path from the root, and its text.
fn sources() -> Vec<(String, String)> {
    let mut sources = Vec::new();
    let mut folders = vec![root().join("crates"), root().join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                sources.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(sources.len() > 50, "found only {} source files", sources.len());
    sources
}

/// The files, outside of `place`, that hold `text`.
fn holders(text: &str, place: Option<&str>) -> Vec<String> {
    let elsewhere = |name: &str| place.is_none_or(|place| !name.starts_with(place));
    sources()
        .into_iter()
        .filter(|(name, source)| elsewhere(name) && source.contains(text))
        .map(|it| it.0)
        .collect()
}

#[test]
fn the_crates_are_listed_in_layer_order() {
    // Cargo does not tell the members in the order in which they are listed.
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (_, list) = manifest.split_once("members = [").unwrap();
    let (list, _) = list.split_once(']').unwrap();
    let packages = packages();
    let name_at = |folder: &str| {
        let path = root().join(folder).join("Cargo.toml");
        packages.iter().find(|package| package.manifest == path).map(|package| package.name.as_str())
    };
    let listed: Vec<_> = list.split('"').skip(1).step_by(2).map(|folder| name_at(folder).unwrap()).collect();
    assert_eq!(listed, LAYERS.map(|(name, _)| name));
    assert_eq!(listed.len(), packages.len(), "a crate is a member without being listed");
    for (place, (name, known)) in LAYERS.iter().enumerate() {
        let above = LAYERS.iter().take(place).map(|(name, _)| *name).collect::<Vec<_>>();
        assert!(known.iter().all(|other| above.contains(other)), "{name} knows a crate that is not above it");
    }
}

#[test]
fn a_crate_knows_only_what_its_layer_may() {
    for package in packages() {
        let (_, known) = LAYERS.iter().find(|(name, _)| *name == package.name).unwrap();
        for Dependency { name, for_tests, .. } in package.dependencies {
            let allowed = known.contains(&name.as_str()) || for_tests && FOR_TESTS.contains(&name.as_str());
            assert!(allowed || !name.starts_with("users-"), "{} must not depend on {name}", package.name);
        }
    }
}

#[test]
fn databases_and_the_web_are_named_at_the_edge_alone() {
    for package in packages() {
        for Dependency { name, for_tests, optional, .. } in &package.dependencies {
            if let Some((_, users)) = CONFINED.iter().find(|(confined, _)| confined == name) {
                assert!(users.contains(&package.name.as_str()), "{} must not depend on {name}", package.name);
            }
            let inner = INNER.contains(&package.name.as_str()) && !for_tests && !optional;
            assert!(!inner || !OUTER.contains(&name.as_str()), "{} must not depend on {name}", package.name);
        }
    }
}

#[test]
fn the_domain_can_be_used_without_serde_and_the_ports_without_mocks() {
    let by_feature = [("users-domain", "serde"), ("users-ports", "mockall"), ("users-ports", "serde_json")];
    for (crate_name, dependency) in by_feature {
        let package = packages().into_iter().find(|package| package.name == crate_name).unwrap();
        let found = package.dependencies.iter().find(|it| it.name == dependency && !it.for_tests).unwrap();
        assert!(found.optional, "{crate_name} must not depend on {dependency} but by a feature");
    }
}

#[test]
fn every_crate_keeps_the_lints_of_the_workspace() {
    for package in packages() {
        let manifest = fs::read_to_string(&package.manifest).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true\n"), "{} has lints of its own", package.name);
    }
}

#[test]
fn no_lint_is_silenced_without_a_reason() {
    // Put together here, so that this file does not hold them itself.
    for silencer in [concat!("#[", "allow("), concat!("#![", "allow(")] {
        assert_eq!(holders(silencer, None), Vec::<String>::new(), "use #[expect(.., reason = \"..\")]");
    }
    for (name, source) in sources() {
        for attribute in source.split(concat!("[", "expect(")).skip(1) {
            let attribute = attribute.split(")]").next().unwrap();
            assert!(attribute.contains("reason = "), "{name} silences a lint without a reason: {attribute}");
        }
    }
}

#[test]
fn absent_null_and_a_value_are_told_apart_by_change_alone() {
    assert_eq!(holders(concat!("Option<", "Option<"), Some(JSON_READER)), Vec::<String>::new());
    assert!(root().join(JSON_READER).is_dir(), "the JSON reader has moved");
}

#[test]
fn files_are_small_and_named_after_what_they_hold() {
    for (name, source) in sources() {
        let lines = source.lines().count();
        assert!(lines <= MAX_LINES, "{name} has {lines} lines, more than {MAX_LINES}");
        let file = name.rsplit('/').next().unwrap();
        let vague = ["utils.rs", "util.rs", "common.rs", "helpers.rs", "misc.rs"];
        assert!(!vague.contains(&file), "{name} does not say what it holds");
    }
}

#[test]
fn both_databases_have_the_same_migrations_and_each_can_be_undone() {
    let migrations = |database: &str| {
        let folder = root().join("migrations").join(database);
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        for migration in &names {
            for file in ["up.sql", "down.sql"] {
                assert!(migration.join(file).is_file(), "{} has no {file}", migration.display());
            }
        }
        names.iter().map(|path| path.file_name().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(!migrations("postgres").is_empty());
    assert_eq!(migrations("postgres"), migrations("sqlite"));
}
