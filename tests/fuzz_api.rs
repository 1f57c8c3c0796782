//! Schemathesis against the real service on both databases: `make fuzz-api`.
//!
//! It sends what the OpenAPI document promises to be accepted, what it promises to be refused, and sequences of both, and
//! looks at every answer. What it needs is not part of the system's packages, so these tests are not among those of
//! `make test`: `scripts/fuzz-api.sh` installs it, says where it is, and runs them.

#![expect(clippy::expect_used, reason = "tests fail by a panic")]

use std::path::Path;
use std::process::Command;

use users_tests::{Database, Service, on_both_databases};

on_both_databases!(nothing_is_found);

fn nothing_is_found(database: Database) {
    let schemathesis = std::env::var_os("SCHEMATHESIS").expect("run scripts/fuzz-api.sh");
    let flags = std::env::var_os("SCHEMATHESIS_FLAGS").expect("run scripts/fuzz-api.sh");
    let service = Service::start(database);
    // Users to find, besides those that it makes.
    for id in ["ada", "8"] {
        service
            .client()
            .create(format!(r#"{{"id":"{id}","username":"name-{id}","email":"{id}@example.org"}}"#));
    }
    let configuration = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/fuzz-api");
    let status = Command::new(schemathesis)
        .arg("--config-file")
        .arg(configuration.join("schemathesis.toml"))
        .args(["run", "--no-color"])
        .args(flags.to_str().expect("flags are text").split_whitespace())
        .arg(format!("http://{}/openapi.json", service.address()))
        .env("USERS_TOKEN", service.token())
        .env("SCHEMATHESIS_HOOKS", configuration.join("hooks.py"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        // It keeps notes where it runs.
        .current_dir(service.database().folder())
        .status()
        .expect("Schemathesis can be run");
    assert!(status.success(), "Schemathesis has found something, see above");
}
