//! The cursor of a search: where a page ended. Nobody but this file may read anything into it.
//!
//! It is a version (`1`), an `s`, and key and id of the last user with U+0000 in between, in base64url without padding
//! (RFC 4648, section 5). Neither a key nor an id holds U+0000.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use users_domain::{SearchKey, SearchPlace, UserId};

const PREFIX: &str = "1s";
const BETWEEN: char = '\0';

/// Writes the cursor of a page that ended with the user at this place.
pub fn cursor_at(place: &SearchPlace) -> String {
    let SearchPlace { key, id } = place;
    URL_SAFE_NO_PAD.encode(format!("{PREFIX}{}{BETWEEN}{id}", key.as_str()))
}

/// Reads a cursor; `None` where we never made it.
///
/// The rule of ids is not asked: a user who was kept under an older rule must not end the search.
pub fn place_of_cursor(text: &str) -> Option<SearchPlace> {
    let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let (key, id) = plain.strip_prefix(PREFIX)?.split_once(BETWEEN)?;
    let possible = !id.is_empty() && ![key, id].iter().any(|part| part.contains(char::is_control));
    possible.then(|| SearchPlace {
        key: SearchKey::from_stored(key.to_owned()),
        id: UserId::from_stored(id.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;
    use rstest::rstest;
    use users_domain::{SearchKey, SearchPlace, UserId};

    use super::{cursor_at, place_of_cursor};

    fn place(key: &str, id: &str) -> SearchPlace {
        SearchPlace { key: SearchKey::from_stored(key.to_owned()), id: UserId::from_stored(id.to_owned()) }
    }

    #[test]
    fn a_cursor_is_written() {
        assert_eq!(cursor_at(&place("adä", "ada")), "MXNhZMOkAGFkYQ");
    }

    #[rstest]
    #[case::empty("")]
    #[case::of_the_list("1aada")]
    #[case::other_version("2sa\0b")]
    #[case::no_id("1sa\0")]
    #[case::nothing_between("1sab")]
    #[case::a_second_nul("1sa\0b\0c")]
    #[case::control_character("1sa\n\0b")]
    fn what_we_never_made_is_not_read(#[case] plain: &str) {
        assert_eq!(place_of_cursor(&URL_SAFE_NO_PAD.encode(plain)), None);
    }

    proptest! {
        #[test]
        fn every_cursor_comes_back(key in "\\PC{0,40}", id in "[A-Za-z0-9._~:@-]{1,128}") {
            prop_assume!(!key.contains(char::is_control));
            let place = place(&key, &id);
            prop_assert_eq!(place_of_cursor(&cursor_at(&place)), Some(place));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}", plain in prop::collection::vec(any::<u8>(), 0..40)) {
            for text in [text, URL_SAFE_NO_PAD.encode(plain)] {
                if let Some(place) = place_of_cursor(&text) {
                    prop_assert_eq!(cursor_at(&place), text);
                }
            }
        }
    }
}
