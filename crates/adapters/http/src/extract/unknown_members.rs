use std::borrow::Cow;

use users_domain::Violation;

use crate::problem::{FieldError, pointer_to};

/// The members of a body that a user does not have, in the order they were sent.
#[derive(Debug, Default)]
pub struct UnknownMembers<'a>(Vec<Cow<'a, str>>);

impl<'a> UnknownMembers<'a> {
    /// Adds a member.
    pub fn push(&mut self, name: Cow<'a, str>) {
        self.0.push(name);
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A name that stands twice. The names are sorted for it: a body may hold tens of thousands.
    pub fn duplicate(&self) -> Option<&str> {
        if self.0.len() < 2 {
            return None;
        }
        let mut names: Vec<&str> = self.0.iter().map(AsRef::as_ref).collect();
        names.sort_unstable();
        names.array_windows().find(|[name, next]| name == next).map(|[name, _]| *name)
    }

    /// Adds an error for each member, up to `max` in all; the last one then tells how many more there are.
    pub fn report(&self, errors: &mut Vec<FieldError>, max: usize) {
        let room = max.saturating_sub(errors.len());
        let named = if self.0.len() <= room { self.0.len() } else { room.saturating_sub(1) };
        errors.extend(self.0.iter().take(named).map(|name| error_at(name)));
        let more = self.0.len() - named;
        if more > 0 {
            let code = Violation::unknown_member("").rule().code().as_str();
            let detail = format!("and {more} more members that a user does not have");
            errors.push(FieldError { pointer: String::new(), code, detail });
        }
    }
}

fn error_at(name: &str) -> FieldError {
    let violation = Violation::unknown_member(name);
    let (code, detail) = (violation.rule().code().as_str(), violation.rule().detail().to_owned());
    FieldError { pointer: pointer_to(name), code, detail }
}

#[cfg(test)]
mod tests {
    use super::UnknownMembers;

    fn members(names: impl IntoIterator<Item = String>) -> UnknownMembers<'static> {
        UnknownMembers(names.into_iter().map(Into::into).collect())
    }

    #[test]
    fn a_name_that_stands_twice_is_found() {
        assert_eq!(members(["b".into(), "a".into(), "b".into()]).duplicate(), Some("b"));
        assert_eq!(members(["b".into(), "a".into()]).duplicate(), None);
    }

    #[test]
    fn each_is_reported_up_to_the_limit() {
        let mut errors = Vec::new();
        members((0..100).map(|i| i.to_string())).report(&mut errors, 100);
        assert_eq!(errors.len(), 100);
        assert_eq!(errors[99].pointer, "/99");
    }

    #[test]
    fn beyond_the_limit_the_last_tells_how_many_more() {
        let mut errors = Vec::new();
        members((0..250).map(|i| i.to_string())).report(&mut errors, 100);
        assert_eq!(errors.len(), 100);
        assert_eq!(errors[98].pointer, "/98");
        assert_eq!(
            (errors[99].pointer.as_str(), errors[99].detail.as_str()),
            ("", "and 151 more members that a user does not have")
        );
    }
}
