//! What an operator writes: a setting that is read is written as it was, or as one that means the same; no password shows.
#![no_main]

use libfuzzer_sys::fuzz_target;
use users_fuzz::settings::{DatabaseUrl, Period};
use users_http::{Rate, TrustedProxies};

fuzz_target!(|text: &str| {
    if let Ok(rate) = text.parse::<Rate>() {
        assert_eq!(rate.to_string().parse(), Ok(rate));
    }
    if let Ok(period) = text.parse::<Period>() {
        assert_eq!(period.to_string().parse(), Ok(period));
    }
    let _ = text.parse::<TrustedProxies>();
    let _ = text.parse::<DatabaseUrl>();
    // Whatever else a URL holds, what stands before its @ is a secret.
    if !text.contains(['/', '@', '?', '#']) {
        let url = format!("postgres://ada:{text}hunter2@db/users").parse::<DatabaseUrl>().expect("a URL");
        assert!(!format!("{url} {url:?}").contains("hunter2"));
    }
    let url = format!("postgres://ada:hunter2@db/{text}").parse::<DatabaseUrl>().expect("a URL");
    assert!(text.contains("hunter2") || !format!("{url} {url:?}").contains("hunter2"));
});
