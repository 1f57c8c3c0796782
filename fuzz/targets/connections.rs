//! Any bytes at all on a connection: whoever sends more than empty lines gets an answer, and none of 5xx.
#![no_main]

use libfuzzer_sys::fuzz_target;
use users_fuzz::Service;

fuzz_target!(|bytes: &[u8]| {
    let sent = bytes.iter().any(|byte| !matches!(byte, b'\r' | b'\n'));
    let answers = Service::with(|service| service.exchange(bytes));
    assert!(!sent || !answers.is_empty());
    let is_answer = |text: &&str| text.starts_with(|first: char| first.is_ascii_digit());
    for answer in answers.split("HTTP/1.1 ").filter(is_answer) {
        assert!(!answer.starts_with('5'), "{answer:?}");
    }
    if answers.starts_with("HTTP/1.1 4") {
        let (head, _) = answers.split_once("\r\n\r\n").expect("a head");
        assert!(head.contains("\r\ncontent-type: application/problem+json"), "{answers:?}");
    }
});
