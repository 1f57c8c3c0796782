//! Tells the program by which compiler it was built.

use std::io::{Write as _, stdout};
use std::process::Command;

fn main() -> std::io::Result<()> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let told = Command::new(rustc).arg("--version").output()?.stdout;
    // `rustc 1.95.0 (…)`: the commit and its date say no more than the version.
    let told = String::from_utf8_lossy(&told);
    let version = told.split_ascii_whitespace().nth(1).unwrap_or("unknown");
    writeln!(stdout(), "cargo::rerun-if-changed=build.rs")?;
    writeln!(stdout(), "cargo::rustc-env=USERS_RUSTC_VERSION={version}")
}
