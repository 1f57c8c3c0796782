use users_domain::{BrokenRule, Country, Email, Label, PageBounds, RuleCode, UserFilter, Username};

use super::broken_rules::{MAX_ERRORS, broken_rules};
use super::{ListParameter, Preferences};
use crate::problem::{FieldError, Problem, pointer_to};

/// Collects what is broken while the parameters are read.
pub struct ParameterCheck<'a> {
    sent: &'a [(ListParameter, String)],
    faults: Vec<(ListParameter, FieldError)>,
}

impl<'a> ParameterCheck<'a> {
    /// Begins with what is broken already.
    pub const fn new(sent: &'a [(ListParameter, String)], faults: Vec<(ListParameter, FieldError)>) -> Self {
        Self { sent, faults }
    }

    /// The parameter as it was sent; `None` if it was not. An empty cursor is none.
    pub fn text(&self, parameter: ListParameter) -> Option<&'a str> {
        let sent = self.sent.iter().find(|(sent, _)| *sent == parameter).map(|(_, text)| text.as_str());
        sent.filter(|text| parameter != ListParameter::Cursor || !text.is_empty())
    }

    /// Whether the parameter was sent, be it broken or not.
    pub fn was_sent(&self, parameter: ListParameter) -> bool {
        self.text(parameter).is_some() || self.faults.iter().any(|(faulty, _)| *faulty == parameter)
    }

    /// Reads a parameter; `None` where it was not sent, or is broken.
    pub fn read<T>(
        &mut self,
        parameter: ListParameter,
        parse: impl FnOnce(&'a str) -> Result<T, BrokenRule>,
    ) -> Option<T> {
        match parse(self.text(parameter)?) {
            Ok(value) => Some(value),
            Err(rule) => {
                self.fault(parameter, rule.code().as_str(), rule.detail());
                None
            }
        }
    }

    /// Reads the filters of the list.
    pub fn filter(&mut self) -> UserFilter {
        UserFilter {
            username: self.read(ListParameter::Username, Username::parse).map(|name| name.key()),
            email: self.read(ListParameter::Email, email).map(|email| email.key()),
            organization: self.read(ListParameter::Organization, Label::parse),
            country: self.read(ListParameter::Country, Country::parse),
            active: self.read(ListParameter::Active, flag),
        }
    }

    /// Reads how many users a page has, and how many are left out before it.
    pub fn bounds(&mut self) -> PageBounds {
        let limit = self.read(ListParameter::Limit, number).unwrap_or(PageBounds::DEFAULT_LIMIT);
        let offset = self.read(ListParameter::Offset, number).unwrap_or_default();
        // Generated clients send an offset of 0 with every page.
        if offset != 0 && self.text(ListParameter::Cursor).is_some() {
            let detail = "must not be sent together with cursor";
            self.fault(ListParameter::Offset, "MUTUALLY_EXCLUSIVE", detail);
        }
        PageBounds::new(limit, offset).unwrap_or_else(|violations| {
            for violation in violations {
                if let Some(parameter) = ListParameter::among(&ListParameter::OF_LIST, violation.place()) {
                    self.fault(parameter, violation.rule().code().as_str(), violation.rule().detail());
                }
            }
            PageBounds::default()
        })
    }

    /// Notes that the parameter breaks a rule.
    pub fn fault(&mut self, parameter: ListParameter, code: &'static str, detail: &str) {
        let pointer = pointer_to(parameter.name());
        self.faults.push((parameter, FieldError { pointer, code, detail: detail.to_owned() }));
    }

    /// Refuses the request where anything is broken, or, unless it is to be lenient, where it has `unknown` parameters.
    pub fn finish(self, unknown: &[String], preferences: Preferences) -> Result<(), Problem> {
        let mut errors = self.into_errors();
        if !preferences.lenient {
            tell_unknown(unknown, &mut errors);
        }
        if errors.is_empty() { Ok(()) } else { Err(broken_rules("query", errors)) }
    }

    /// The faults, in the documented order of the parameters.
    fn into_errors(mut self) -> Vec<FieldError> {
        self.faults.sort_by_key(|(parameter, _)| *parameter);
        // One place is left for what is unknown.
        self.faults.truncate(MAX_ERRORS - 1);
        self.faults.into_iter().map(|(_, error)| error).collect()
    }
}

/// Adds an error for each parameter that there is not, up to [`MAX_ERRORS`] in all; the last one then tells how many
/// more there are.
fn tell_unknown(unknown: &[String], errors: &mut Vec<FieldError>) {
    let code = "UNKNOWN_PARAMETER";
    let room = MAX_ERRORS.saturating_sub(errors.len());
    let named = if unknown.len() <= room { unknown.len() } else { room.saturating_sub(1) };
    errors.extend(unknown.iter().take(named).map(|name| FieldError {
        pointer: pointer_to(name),
        code,
        detail: "is not a parameter of this path".to_owned(),
    }));
    let more = unknown.len() - named;
    if more > 0 {
        let detail = format!("has {more} more parameters that the path does not have");
        errors.push(FieldError { pointer: String::new(), code, detail });
    }
}

/// Reads a whole number; one that is too large or too small for every parameter is taken for the outermost one.
fn number(text: &str) -> Result<i64, BrokenRule> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(BrokenRule::new(RuleCode::InvalidType, "must be a whole number"));
    }
    Ok(text.parse().unwrap_or(if digits == text { i64::MAX } else { i64::MIN }))
}

/// Reads a truth value, in any case: Python writes `True`.
pub fn flag(text: &str) -> Result<bool, BrokenRule> {
    [true, false]
        .into_iter()
        .find(|value| text.eq_ignore_ascii_case(if *value { "true" } else { "false" }))
        .ok_or_else(|| BrokenRule::new(RuleCode::InvalidType, "must be true or false"))
}

/// Reads an address; a space in it was probably sent as `+`.
fn email(text: &str) -> Result<Email, BrokenRule> {
    Email::parse(text).map_err(|rule| {
        if text.contains(' ') && Email::parse(text.replace(' ', "+")).is_ok() {
            BrokenRule::new(
                rule.code(),
                "must be an email address; in a query, + stands for a space: send %2B",
            )
        } else {
            rule
        }
    })
}

/// A text that is none of those that are taken.
pub fn invalid(detail: &'static str) -> BrokenRule {
    BrokenRule::new(RuleCode::InvalidFormat, detail)
}
