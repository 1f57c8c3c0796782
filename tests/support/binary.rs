use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The binary `users`, built as it now is and in the profile of the tests; built once for each test process.
///
/// Cargo tells the tests of a package where that package's own binaries are, but not those of another package.
pub fn path() -> &'static Path {
    static BINARY: OnceLock<Option<PathBuf>> = OnceLock::new();
    // A failure is kept as well: every test fails, and the compiler's messages are shown once.
    BINARY.get_or_init(build).as_deref().unwrap_or_else(|| panic!("the binary `users` does not build"))
}

fn build() -> Option<PathBuf> {
    // <target>/<profile>/deps/<this>
    let this = std::env::current_exe().unwrap();
    let folder = this.ancestors().nth(2).unwrap();
    let profile = match folder.file_name().unwrap().to_str().unwrap() {
        "debug" => "dev",
        other => other,
    };
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--quiet", "--locked", "--package", "users-app", "--bin", "users"])
        .args(["--profile", profile, "--target-dir"])
        .arg(folder.parent().unwrap())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null());
    // What cargo tells a test of its package must not look to build scripts as if their surroundings had changed.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&name);
        }
    }
    cargo.status().unwrap().success().then(|| folder.join("users"))
}
