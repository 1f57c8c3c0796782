use reqwest::header::HeaderValue;

use crate::Error;

/// The header that names the place of a request in a trace (W3C Trace Context, section 3.2), in the version 00.
///
/// Fails where the text is none: the service would begin a trace of its own, and nobody would notice.
pub(crate) fn header(text: &str) -> Result<HeaderValue, Error> {
    let is_hex = |part: &str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_id =
        |part: &str, length| part.len() == length && is_hex(part) && part.bytes().any(|byte| byte != b'0');
    let parts: Vec<_> = text.split('-').collect();
    let valid = matches!(
        parts.as_slice(),
        ["00", trace, place, flags]
            if is_id(trace, 32) && is_id(place, 16) && flags.len() == 2 && is_hex(flags)
    );
    let header = HeaderValue::from_str(text).ok().filter(|_| valid);
    header.ok_or_else(|| Error::Invalid("the traceparent is not one of the version 00".to_owned()))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::header;

    #[test]
    fn a_sound_one_is_sent_as_it_is() {
        let sound = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(header(sound).unwrap(), sound);
    }

    #[rstest]
    #[case("")]
    #[case("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01")]
    #[case("00-00000000000000000000000000000000-00f067aa0ba902b7-01")]
    #[case("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01")]
    #[case("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    #[case("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x")]
    #[case("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1")]
    fn what_the_service_would_not_follow_is_refused(#[case] text: &str) {
        assert!(header(text).is_err());
    }
}
