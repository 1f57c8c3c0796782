//! What stands behind the path, and the id in it; the first byte says where. Cursors are coded first.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use users_fuzz::Service;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let coded = URL_SAFE_NO_PAD.encode(rest);
    // A space or a control character would end the path.
    let sent: String = rest.iter().filter(|byte| byte.is_ascii_graphic()).map(|byte| char::from(*byte)).collect();
    let path = match first % 8 {
        0 => format!("/v1/users?{sent}"),
        1 => format!("/v1/users/search?{sent}"),
        2 => format!("/v1/users/count?{sent}"),
        3 => format!("/v1/users?cursor={coded}"),
        4 => format!("/v1/users/search?query=a&cursor={coded}"),
        5 => format!("/v1/users/{sent}"),
        6 => format!("/{sent}"),
        _ => format!("/v1/users/ada?{sent}"),
    };
    let method = if first % 8 == 7 { "DELETE" } else { "GET" };
    if method == "DELETE" && !path.contains("dry_run=true") {
        return;
    }
    Service::with(|service| service.send(&format!("{method} {path}"), &[], b""));
});
