//! Conditional requests (RFC 9110, section 13).

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use users_domain::{Precondition, User, Version};

use super::EntityTags;
use super::entity_tags::{EntityTag, Malformed};
use crate::http_date;
use crate::users::version_of;

/// The conditions of an update or a deletion.
///
/// `If-Match` becomes part of the write itself. What else a client may send cannot be judged within the write, which must
/// never be carried out against a condition, so these never hold:
/// - `If-None-Match`: with `*` it cannot hold for a user that is there, and nothing is created here.
/// - `If-Unmodified-Since` without `If-Match`: a second is too coarse to protect from a lost update.
#[derive(Debug, PartialEq, Eq)]
pub struct WriteConditions {
    /// What the write must check.
    pub precondition: Precondition,
    /// Why the precondition can never hold, where that is so.
    pub hopeless: Option<&'static str>,
}

impl WriteConditions {
    /// Reads the conditions of an update or a deletion.
    pub fn of(headers: &HeaderMap) -> Self {
        match tags(headers, &header::IF_MATCH) {
            _ if headers.contains_key(header::IF_NONE_MATCH) => {
                Self::never("If-None-Match never holds for a write. Use If-Match.")
            }
            Err(Malformed) => Self::never("If-Match is not a list of entity tags, so it never holds."),
            Ok(None) if headers.contains_key(header::IF_UNMODIFIED_SINCE) => {
                Self::never("If-Unmodified-Since never holds for a write. Use If-Match.")
            }
            Ok(None | Some(EntityTags::Any)) => Self { precondition: Precondition::Exists, hopeless: None },
            Ok(Some(EntityTags::List(tags))) => Self::of_tags(&tags),
        }
    }

    /// Strong comparison: a weak tag matches nothing, and neither does one that this service never gave out.
    fn of_tags(tags: &[EntityTag<'_>]) -> Self {
        let strong = tags.iter().filter(|tag| !tag.weak);
        let versions: Vec<_> = strong.filter_map(|tag| version_of(tag.opaque)).collect();
        let hopeless = if !versions.is_empty() {
            None
        } else if tags.iter().any(|tag| tag.weak) {
            Some(
                "If-Match has a weak entity tag (W/\"…\"), which never matches (RFC 9110, section 13.1.1). A proxy that \
                 compresses answers makes tags weak: switch that off for this service, or send the tag without W/.",
            )
        } else if tags.iter().any(|tag| has_suffix(tag.opaque)) {
            Some(
                "If-Match has an entity tag with a suffix such as -gzip, which this service did not send. A proxy that \
                 compresses answers adds it: switch that off for this service, or send the tag without the suffix.",
            )
        } else {
            Some("If-Match has no entity tag of this service. Send the ETag of an earlier answer as it was.")
        };
        Self { precondition: Precondition::VersionIn(versions), hopeless }
    }

    const fn never(why: &'static str) -> Self {
        Self { precondition: Precondition::VersionIn(Vec::new()), hopeless: Some(why) }
    }
}

/// What the conditions of a read come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadConditions {
    /// The user is to be sent.
    Met,
    /// The client has the user in this version: 304.
    NotModified,
    /// The client asks for another version: 412.
    Failed,
}

impl ReadConditions {
    /// Judges the conditions of a read of `user`, in the order of RFC 9110, section 13.2.2.
    pub fn of(headers: &HeaderMap, user: &User) -> Self {
        let version = user.version();
        let matched = match tags(headers, &header::IF_MATCH) {
            Ok(Some(tags)) => lists(&tags, version, false),
            Ok(None) => is_modified_since(headers, &header::IF_UNMODIFIED_SINCE, user) != Some(true),
            Err(Malformed) => false,
        };
        if !matched {
            return Self::Failed;
        }
        let known = match tags(headers, &header::IF_NONE_MATCH) {
            Ok(Some(tags)) => lists(&tags, version, true),
            Ok(None) => is_modified_since(headers, &header::IF_MODIFIED_SINCE, user) == Some(false),
            // The whole user is a right answer also to a client that cannot say what it has.
            Err(Malformed) => false,
        };
        if known { Self::NotModified } else { Self::Met }
    }
}

/// Whether a proxy has added to a tag of ours: Apache adds `-gzip`, `-br`, `-deflate`; others `;gzip`, `--gzip`.
fn has_suffix(opaque: &[u8]) -> bool {
    let end = opaque.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(opaque.len());
    opaque.split_at_checked(end).is_some_and(|(tag, rest)| !rest.is_empty() && version_of(tag).is_some())
}

fn tags<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<EntityTags<'a>>, Malformed> {
    EntityTags::parse(headers.get_all(name).map(HeaderValue::as_bytes))
}

fn lists(tags: &EntityTags<'_>, version: Version, weakly: bool) -> bool {
    match tags {
        EntityTags::Any => true,
        EntityTags::List(tags) => {
            tags.iter().any(|tag| (weakly || !tag.weak) && version_of(tag.opaque) == Some(version))
        }
    }
}

fn is_modified_since(headers: &HeaderMap, name: &HeaderName, user: &User) -> Option<bool> {
    http_date::is_after(user.modified_at(), headers.get(name)?)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
    use proptest::prelude::*;
    use rstest::rstest;
    use users_domain::{Precondition, Profile, User, UserId, Version};

    use super::{ReadConditions, WriteConditions};

    const DATE: &str = "Tue, 14 Nov 2023 22:13:20 GMT";

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    /// Version 1,700,000,000,500,000, half a second after `DATE`.
    fn user() -> User {
        let now = "2023-11-14T22:13:20.500Z".parse().unwrap();
        User::create(UserId::parse("ada").unwrap(), Profile::default(), now)
    }

    #[rstest]
    #[case::none(&[], Precondition::Exists)]
    #[case::star(&[("if-match", "*")], Precondition::Exists)]
    #[case::ours(&[("if-match", r#""000000000000002a""#)], Precondition::VersionIn(vec![Version::from_stored(42)]))]
    #[case::foreign(&[("if-match", r#""x", "000000000000002a""#)], Precondition::VersionIn(vec![Version::from_stored(42)]))]
    #[case::unmodified_since_is_not_looked_at(&[("if-match", "*"), ("if-unmodified-since", DATE)], Precondition::Exists)]
    fn if_match_is_for_the_write_to_check(
        #[case] lines: &[(&'static str, &str)],
        #[case] expected: Precondition,
    ) {
        let expected = WriteConditions { precondition: expected, hopeless: None };
        assert_eq!(WriteConditions::of(&headers(lines)), expected);
    }

    #[rstest]
    #[case::unquoted(&[("if-match", "000000000000002a")])]
    #[case::empty(&[("if-match", "")])]
    #[case::none_match(&[("if-none-match", "*")])]
    #[case::both(&[("if-match", "*"), ("if-none-match", r#""x""#)])]
    #[case::unmodified_since(&[("if-unmodified-since", DATE)])]
    fn what_cannot_be_checked_never_holds(#[case] lines: &[(&'static str, &str)]) {
        let conditions = WriteConditions::of(&headers(lines));
        assert_eq!(conditions.precondition, Precondition::VersionIn(vec![]));
        assert!(conditions.hopeless.is_some());
    }

    #[rstest]
    #[case::weak(r#"W/"000000000000002a""#, "a weak entity tag")]
    #[case::weak_and_foreign(r#""x", W/"000000000000002a""#, "a weak entity tag")]
    #[case::apache(r#""000000000000002a-gzip""#, "a suffix such as -gzip")]
    #[case::other_suffix(r#""000000000000002a;br""#, "a suffix such as -gzip")]
    #[case::foreign(r#""x""#, "no entity tag of this service")]
    #[case::unquoted("000000000000002a", "not a list of entity tags")]
    fn what_is_wrong_with_a_tag_is_said(#[case] line: &str, #[case] expected: &str) {
        let conditions = WriteConditions::of(&headers(&[("if-match", line)]));
        assert_eq!(conditions.precondition, Precondition::VersionIn(vec![]));
        assert!(conditions.hopeless.is_some_and(|why| why.contains(expected)), "{conditions:?}");
    }

    #[rstest]
    #[case::none(&[], ReadConditions::Met)]
    #[case::known(&[("if-none-match", r#""00060a241825e120""#)], ReadConditions::NotModified)]
    #[case::known_weakly(&[("if-none-match", r#"W/"00060a241825e120""#)], ReadConditions::NotModified)]
    #[case::star(&[("if-none-match", "*")], ReadConditions::NotModified)]
    #[case::other(&[("if-none-match", r#""00060a241825e121""#)], ReadConditions::Met)]
    #[case::malformed(&[("if-none-match", "00060a241825e120")], ReadConditions::Met)]
    #[case::since(&[("if-modified-since", DATE)], ReadConditions::NotModified)]
    #[case::since_before(&[("if-modified-since", "Tue, 14 Nov 2023 22:13:19 GMT")], ReadConditions::Met)]
    #[case::since_no_date(&[("if-modified-since", "today")], ReadConditions::Met)]
    #[case::tags_go_before_dates(&[("if-none-match", r#""x""#), ("if-modified-since", DATE)], ReadConditions::Met)]
    #[case::match_ours(&[("if-match", r#""00060a241825e120""#)], ReadConditions::Met)]
    #[case::match_weak(&[("if-match", r#"W/"00060a241825e120""#)], ReadConditions::Failed)]
    #[case::match_other(&[("if-match", r#""x""#)], ReadConditions::Failed)]
    #[case::match_malformed(&[("if-match", "x")], ReadConditions::Failed)]
    #[case::unmodified(&[("if-unmodified-since", DATE)], ReadConditions::Met)]
    #[case::modified(&[("if-unmodified-since", "Tue, 14 Nov 2023 22:13:19 GMT")], ReadConditions::Failed)]
    fn reads_are_judged(#[case] lines: &[(&'static str, &str)], #[case] expected: ReadConditions) {
        assert_eq!(ReadConditions::of(&headers(lines), &user()), expected);
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(
            name in prop::sample::select(vec!["if-match", "if-none-match", "if-modified-since", "if-unmodified-since"]),
            bytes in prop::collection::vec(any::<u8>(), 0..60),
        ) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let mut headers = HeaderMap::new();
                headers.append(HeaderName::from_static(name), value);
                let _ = WriteConditions::of(&headers);
                let _ = ReadConditions::of(&headers, &user());
            }
        }
    }
}
