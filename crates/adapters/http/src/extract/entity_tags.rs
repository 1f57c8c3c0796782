/// What `If-Match` or `If-None-Match` lists (RFC 9110, sections 8.8.3, 13.1.1 and 13.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntityTags<'a> {
    /// `*`: any representation at all.
    Any,
    /// These tags, at least one.
    List(Vec<EntityTag<'a>>),
}

/// One entity tag, without its quotation marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntityTag<'a> {
    /// Whether it was marked as weak with `W/`.
    pub weak: bool,
    /// What stands between the quotation marks.
    pub opaque: &'a [u8],
}

/// The header is no list of entity tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl<'a> EntityTags<'a> {
    /// Reads all lines of the header as one list; `None` where there is no line.
    ///
    /// A tag may hold commas, and has no escapes: a backslash stands for itself.
    pub fn parse(lines: impl IntoIterator<Item = &'a [u8]>) -> Result<Option<Self>, Malformed> {
        let mut lines = lines.into_iter().peekable();
        if lines.peek().is_none() {
            return Ok(None);
        }
        let (mut stars, mut tags) = (0, Vec::new());
        for line in lines {
            let mut rest = skip(line, b" \t,");
            while !rest.is_empty() {
                if let Some(after) = rest.strip_prefix(b"*") {
                    stars += 1;
                    rest = after;
                } else {
                    let (tag, after) = EntityTag::read(rest).ok_or(Malformed)?;
                    tags.push(tag);
                    rest = after;
                }
                rest = skip(rest, b" \t");
                if !rest.is_empty() && !rest.starts_with(b",") {
                    return Err(Malformed);
                }
                rest = skip(rest, b" \t,");
            }
        }
        match (stars, tags.is_empty()) {
            (1, true) => Ok(Some(Self::Any)),
            (0, false) => Ok(Some(Self::List(tags))),
            _ => Err(Malformed),
        }
    }
}

impl<'a> EntityTag<'a> {
    /// Reads the tag at the beginning of `text`, and gives back what follows it.
    fn read(text: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (weak, quoted) = text.strip_prefix(b"W/").map_or((false, text), |quoted| (true, quoted));
        let inner = quoted.strip_prefix(b"\"")?;
        let end = inner.iter().position(|byte| *byte == b'"')?;
        let (opaque, after) = inner.split_at_checked(end)?;
        // Visible ASCII and obs-text (RFC 9110, section 8.8.3): no space, no control character.
        let good = opaque.iter().all(|byte| matches!(byte, 0x21 | 0x23..=0x7e | 0x80..));
        good.then_some((Self { weak, opaque }, after.get(1..)?))
    }
}

fn skip<'a>(text: &'a [u8], bytes: &[u8]) -> &'a [u8] {
    let end = text.iter().position(|byte| !bytes.contains(byte)).unwrap_or(text.len());
    text.get(end..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{EntityTag, EntityTags, Malformed};

    fn parse<'a>(lines: &'a [&'a str]) -> Result<Option<EntityTags<'a>>, Malformed> {
        EntityTags::parse(lines.iter().map(|line| line.as_bytes()))
    }

    fn strong(opaque: &str) -> EntityTag<'_> {
        EntityTag { weak: false, opaque: opaque.as_bytes() }
    }

    fn weak(opaque: &str) -> EntityTag<'_> {
        EntityTag { weak: true, opaque: opaque.as_bytes() }
    }

    #[test]
    fn no_line_is_no_condition() {
        assert_eq!(parse(&[]), Ok(None));
    }

    #[rstest]
    #[case::star(&["*"], EntityTags::Any)]
    #[case::star_among_nothing(&[" , *,"], EntityTags::Any)]
    #[case::one(&[r#""a""#], EntityTags::List(vec![strong("a")]))]
    #[case::empty_tag(&[r#""""#], EntityTags::List(vec![strong("")]))]
    #[case::weak(&[r#"W/"a""#], EntityTags::List(vec![weak("a")]))]
    #[case::several(&[r#""a", W/"b","c""#], EntityTags::List(vec![strong("a"), weak("b"), strong("c")]))]
    #[case::lines(&[r#""a""#, r#""b", "c""#], EntityTags::List(vec![strong("a"), strong("b"), strong("c")]))]
    #[case::comma_inside(&[r#""a,b", "c""#], EntityTags::List(vec![strong("a,b"), strong("c")]))]
    #[case::backslash(&[r#""a\", "b""#], EntityTags::List(vec![strong(r"a\"), strong("b")]))]
    #[case::empty_elements(&[r#",, "a" ,, "#], EntityTags::List(vec![strong("a")]))]
    fn a_list_is_read(#[case] lines: &[&str], #[case] expected: EntityTags<'_>) {
        assert_eq!(parse(lines), Ok(Some(expected)));
    }

    #[rstest]
    #[case::empty(&[""])]
    #[case::commas(&[" , "])]
    #[case::unquoted(&["a"])]
    #[case::open(&[r#""a"#])]
    #[case::small_w(&[r#"w/"a""#])]
    #[case::space_inside(&[r#""a b""#])]
    #[case::no_comma(&[r#""a" "b""#])]
    #[case::glued(&[r#""a""b""#])]
    #[case::star_and_tag(&[r#"*, "a""#])]
    #[case::star_and_tag_on_two_lines(&["*", r#""a""#])]
    #[case::two_stars(&["*, *"])]
    #[case::one_bad_among_good(&[r#""a", b, "c""#])]
    fn anything_else_is_malformed(#[case] lines: &[&str]) {
        assert_eq!(parse(lines), Err(Malformed));
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..4)) {
            let _ = EntityTags::parse(lines.iter().map(Vec::as_slice));
        }

        #[test]
        fn what_is_listed_is_read(tags in prop::collection::vec((any::<bool>(), "[!#-~]{0,8}"), 1..6)) {
            let line: Vec<_> =
                tags.iter().map(|(weak, tag)| format!("{}\"{tag}\"", if *weak { "W/" } else { "" })).collect();
            let line = line.join(", ");
            let expected =
                tags.iter().map(|(weak, tag)| EntityTag { weak: *weak, opaque: tag.as_bytes() }).collect();
            prop_assert_eq!(EntityTags::parse([line.as_bytes()]), Ok(Some(EntityTags::List(expected))));
        }
    }
}
