//! The public test suite of RFC 6902 (<https://github.com/json-patch/json-patch-tests>), as it stands in the package of a
//! crate that this one depends on for it alone.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{engine, operations};

/// The version of the crate `json-patch` whose package has the suite.
const PACKAGE_WITH_SUITE: &str = "0.2.7";

#[test]
fn the_public_suite_passes() {
    let folder = folder_of_suite();
    let counts = ["spec_tests.json", "tests.json"].map(|file| passed(&folder.join(file)));
    // Every case that its authors have not switched off.
    assert_eq!(counts, [16, 102]);
}

/// How many cases of the file there are; each must come to what it says.
fn passed(file: &Path) -> usize {
    let cases: Vec<Value> = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let enabled = cases.iter().filter(|case| case["disabled"] != Value::Bool(true));
    enabled.inspect(|case| check(case)).count()
}

/// A case says what comes out, or that nothing does, or neither, where it is enough that the patch can be carried out.
fn check(case: &Value) {
    let found = carried_out(case["doc"].clone(), &case["patch"]);
    match (case.get("expected"), case.get("error")) {
        (Some(expected), _) => assert_eq!(found.as_ref(), Some(expected), "{case}"),
        (None, Some(_)) => assert_eq!(found, None, "{case}"),
        (None, None) => assert!(found.is_some(), "{case}"),
    }
}

fn carried_out(mut document: Value, patch: &Value) -> Option<Value> {
    let operations = operations::read(patch.to_string().as_bytes()).ok()?;
    engine::apply(&mut document, &operations).ok().map(|()| document)
}

/// Where cargo keeps the sources of the package, from which this test was built.
fn folder_of_suite() -> PathBuf {
    let metadata =
        cargo(&["metadata", "--format-version=1", "--locked", "--offline", "--filter-platform", &host()]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages
        .iter()
        .find(|package| package["name"] == "json-patch" && package["version"] == PACKAGE_WITH_SUITE)
        .unwrap();
    Path::new(package["manifest_path"].as_str().unwrap()).with_file_name("specs")
}

/// The platform that cargo builds for: it may not have the packages of others at hand.
fn host() -> String {
    let version = cargo(&["-vV"]);
    version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

fn cargo(arguments: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
