//! A user as JSON: what is read can be written and read again, and comes out the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use users_domain::{User, UserId};
use users_http::{read_if_match, read_user, write_user};

fuzz_target!(|bytes: &[u8]| {
    let now = users_fuzz::now();
    match read_user(bytes, now) {
        Ok((id, update)) => {
            let id = id.unwrap_or_else(|| UserId::parse("ada").expect("an id"));
            let user = User::create(id, update.into(), now);
            let written = write_user(&user, bytes.len() % 2 == 0).expect("a user");
            let (id, update) = read_user(&written, now).expect("what was written");
            let again = User::create(id.expect("an id"), update.into(), now);
            assert_eq!(again, user);
        }
        Err(errors) => assert!(!errors.is_empty() && errors.iter().all(|error| !error.detail.is_empty())),
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = read_if_match(text);
    }
});
