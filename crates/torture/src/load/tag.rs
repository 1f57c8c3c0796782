use std::fmt::{self, Display, Formatter};

use serde_json::Value;

/// The members that each write sets, all to the same tag: a write that is half there shows.
pub const MEMBERS: [&str; 3] = ["title", "location", "organization"];

/// What a write writes: nobody else writes the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag {
    /// Who wrote it.
    pub writer: u32,
    /// Which of that writer's writes it is.
    pub sequence: u32,
}

impl Tag {
    /// The body of the write.
    pub fn to_body(self) -> String {
        let [one, two, three] = MEMBERS;
        format!(r#"{{"{one}":"{self}","{two}":"{self}","{three}":"{self}"}}"#)
    }

    /// The tag that a user has, `None` where it was never written; fails where its members are not of one write.
    pub fn of_user(user: &Value) -> Result<Option<Self>, String> {
        let texts = MEMBERS.map(|member| user.get(member).unwrap_or(&Value::Null));
        let [first, ..] = texts;
        if texts.iter().any(|text| *text != first) {
            return Err(format!("a mixture: {} {} {}", texts[0], texts[1], texts[2]));
        }
        match first {
            Value::Null if user.is_object() => Ok(None),
            Value::String(text) => {
                Self::parse(text).map(Some).ok_or_else(|| format!("a foreign value: {text}"))
            }
            other => Err(format!("no user: {other}")),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (writer, sequence) = text.strip_prefix('w')?.split_once('.')?;
        Some(Self { writer: writer.parse().ok()?, sequence: sequence.parse().ok()? })
    }
}

impl Display for Tag {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "w{}.{}", self.writer, self.sequence)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Tag;

    #[test]
    fn a_tag_comes_back_from_the_user_that_it_was_written_to() {
        let tag = Tag { writer: 3, sequence: 14 };
        let user = serde_json::from_str(&tag.to_body()).unwrap();
        assert_eq!(Tag::of_user(&user), Ok(Some(tag)));
        let fresh = json!({"title": null, "location": null, "organization": null});
        assert_eq!(Tag::of_user(&fresh), Ok(None));
    }

    #[test]
    fn what_is_not_of_one_write_is_noticed() {
        for user in [
            json!({"title": "w1.1", "location": "w1.1", "organization": "w1.2"}),
            json!({"title": "w1.1", "location": null, "organization": "w1.1"}),
            json!({"title": "x", "location": "x", "organization": "x"}),
            json!(null),
        ] {
            assert!(Tag::of_user(&user).is_err(), "{user}");
        }
    }
}
