//! The cursor of the list: where a page ended. Nobody but this file may read anything into it.
//!
//! It is a version (`1`), the direction (`a` or `d`) and the id of the last user, in base64url without padding
//! (RFC 4648, section 5).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use users_domain::{Direction, UserId};

const VERSION: u8 = b'1';

/// Writes the cursor of a page that ended with this user.
pub fn cursor_at(direction: Direction, last: &UserId) -> String {
    let mut plain = vec![VERSION, letter(direction)];
    plain.extend_from_slice(last.as_str().as_bytes());
    URL_SAFE_NO_PAD.encode(plain)
}

/// Reads a cursor; `None` where we never made it.
///
/// The rule of ids is not asked: a user who was kept under an older rule must not end the list.
pub fn position_of_cursor(text: &str) -> Option<(Direction, UserId)> {
    let plain = URL_SAFE_NO_PAD.decode(text).ok()?;
    let [VERSION, way, id @ ..] = plain.as_slice() else {
        return None;
    };
    let direction = Direction::ALL.into_iter().find(|direction| letter(*direction) == *way)?;
    let id = std::str::from_utf8(id).ok()?;
    let possible = !id.is_empty() && !id.chars().any(char::is_control);
    possible.then(|| (direction, UserId::from_stored(id.to_owned())))
}

const fn letter(direction: Direction) -> u8 {
    match direction {
        Direction::Ascending => b'a',
        Direction::Descending => b'd',
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use users_domain::{Direction, UserId};

    use super::{cursor_at, position_of_cursor};

    #[test]
    fn a_cursor_is_written() {
        assert_eq!(cursor_at(Direction::Ascending, &UserId::parse("ada").unwrap()), "MWFhZGE");
        assert_eq!(cursor_at(Direction::Descending, &UserId::parse("ada").unwrap()), "MWRhZGE");
    }

    #[rstest]
    #[case::empty("")]
    #[case::no_base64("ada!")]
    #[case::padded("MWFhZGE=")]
    #[case::other_alphabet("MWH+/w")]
    #[case::stray_bits("MWFhZGF")]
    #[case::other_version("MmFhZGE")]
    #[case::other_direction("MXhhZGE")]
    #[case::no_id("MWE")]
    #[case::not_utf_8("MWH_")]
    #[case::nul("MWEA")]
    fn what_we_never_made_is_not_read(#[case] text: &str) {
        assert_eq!(position_of_cursor(text), None);
    }

    proptest! {
        #[test]
        fn every_cursor_comes_back(id in "[A-Za-z0-9._~:@-]{1,128}", descending: bool) {
            let direction = if descending { Direction::Descending } else { Direction::Ascending };
            let id = UserId::from_stored(id);
            let cursor = cursor_at(direction, &id);
            prop_assert!(cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            prop_assert_eq!(position_of_cursor(&cursor), Some((direction, id)));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}", plain in prop::collection::vec(any::<u8>(), 0..40)) {
            use base64::Engine as _;
            let coded = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(plain);
            for text in [text, coded] {
                if let Some((direction, id)) = position_of_cursor(&text) {
                    prop_assert_eq!(cursor_at(direction, &id), text);
                }
            }
        }
    }
}
