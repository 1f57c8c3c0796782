//! The `users` binary.
fn main() {}
