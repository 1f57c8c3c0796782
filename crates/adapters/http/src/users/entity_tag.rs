//! The entity tag of a user: its version as 16 hexadecimal digits. Nobody but this file may read anything into it.

use actix_web::http::header::HeaderValue;
use users_domain::Version;

/// Writes the strong entity tag of a version, with its quotation marks.
pub fn entity_tag(version: Version) -> HeaderValue {
    let tag = format!("\"{:016x}\"", version.number().cast_unsigned());
    // Digits and quotation marks alone: always a header's value.
    HeaderValue::try_from(tag).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

/// Reads the version from a tag without its quotation marks; `None` where we never made the tag.
pub fn version_of(opaque: &[u8]) -> Option<Version> {
    let well_formed =
        opaque.len() == 16 && opaque.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let digits = std::str::from_utf8(opaque).ok().filter(|_| well_formed)?;
    u64::from_str_radix(digits, 16).ok().map(|number| Version::from_stored(number.cast_signed()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use users_domain::Version;

    use super::{entity_tag, version_of};

    #[test]
    fn a_tag_is_written() {
        assert_eq!(entity_tag(Version::from_stored(42)), r#""000000000000002a""#);
    }

    #[test]
    fn only_our_own_form_is_read() {
        assert_eq!(version_of(b"000000000000002a"), Some(Version::from_stored(42)));
        for foreign in [&b"000000000000002A"[..], b"2a", b"+00000000000002a", b"00000000000000002a", b""] {
            assert_eq!(version_of(foreign), None);
        }
    }

    proptest! {
        #[test]
        fn every_version_comes_back(number: i64) {
            let version = Version::from_stored(number);
            let tag = entity_tag(version);
            prop_assert_eq!(version_of(&tag.as_bytes()[1..17]), Some(version));
        }
    }
}
