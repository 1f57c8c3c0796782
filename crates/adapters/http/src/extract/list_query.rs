use users_domain::{
    BrokenRule, Country, Direction, Email, Label, PageBounds, RuleCode, UserFilter, UserId, UserQuery,
    Username,
};

use super::broken_rules::{MAX_ERRORS, broken_rules};
use super::sent_parameters::SentParameters;
use super::{ListParameter, Preferences};
use crate::problem::{FieldError, Problem, pointer_to};
use crate::users::position_of_cursor;

/// What somebody wants to see of the list: valid, and as it was sent.
#[derive(Debug)]
pub struct ListQuery {
    /// Which page.
    pub query: UserQuery,
    /// Whether the whole list is to be counted.
    pub include_total: bool,
    /// The parameters as they were sent, without those that no user list knows.
    pub sent: Vec<(ListParameter, String)>,
}

impl ListQuery {
    /// Makes a valid query of what was sent, or tells everything that is wrong with it at once.
    pub fn of(sent: SentParameters, preferences: Preferences) -> Result<Self, Problem> {
        let SentParameters { known, unknown, faults } = sent;
        let mut check = Check { sent: &known, faults };
        let direction = check.read(ListParameter::OrderDirection, Direction::parse).unwrap_or_default();
        let filter = UserFilter {
            username: check.read(ListParameter::Username, Username::parse).map(|name| name.key()),
            email: check.read(ListParameter::Email, Email::parse),
            organization: check.read(ListParameter::Organization, Label::parse),
            country: check.read(ListParameter::Country, Country::parse),
            active: check.read(ListParameter::Active, flag),
        };
        let after = check.after(direction);
        let bounds = check.bounds();
        let include_total = check.read(ListParameter::IncludeTotal, flag).unwrap_or_default();
        let mut errors = check.into_errors();
        if !preferences.lenient {
            tell_unknown(&unknown, &mut errors);
        }
        if !errors.is_empty() {
            return Err(broken_rules("query", errors));
        }
        Ok(Self { query: UserQuery { filter, direction, after, bounds }, include_total, sent: known })
    }
}

/// Collects what is broken while the parameters are read.
struct Check<'a> {
    sent: &'a [(ListParameter, String)],
    faults: Vec<(ListParameter, FieldError)>,
}

impl<'a> Check<'a> {
    fn text(&self, parameter: ListParameter) -> Option<&'a str> {
        self.sent.iter().find(|(sent, _)| *sent == parameter).map(|(_, text)| text.as_str())
    }

    fn read<T>(
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

    /// Where the page begins; a cursor leads on in the direction in which it was given out.
    fn after(&mut self, direction: Direction) -> Option<UserId> {
        self.read(ListParameter::Cursor, |text| match position_of_cursor(text) {
            Some((way, id)) if way == direction => Ok(id),
            Some(_) => Err(invalid("must come from a list with the same order_direction")),
            None => Err(invalid("must be a next_cursor of an earlier answer")),
        })
    }

    fn bounds(&mut self) -> PageBounds {
        let limit = self.read(ListParameter::Limit, number).unwrap_or(PageBounds::DEFAULT_LIMIT);
        let offset = self.read(ListParameter::Offset, number).unwrap_or_default();
        if [ListParameter::Cursor, ListParameter::Offset].iter().all(|both| self.text(*both).is_some()) {
            let detail = "must not be sent together with cursor";
            self.fault(ListParameter::Offset, "MUTUALLY_EXCLUSIVE", detail);
        }
        PageBounds::new(limit, offset).unwrap_or_else(|violations| {
            for violation in violations {
                if let Some(parameter) = ListParameter::from_name(violation.place()) {
                    self.fault(parameter, violation.rule().code().as_str(), violation.rule().detail());
                }
            }
            PageBounds::default()
        })
    }

    fn fault(&mut self, parameter: ListParameter, code: &'static str, detail: &str) {
        let pointer = pointer_to(parameter.name());
        self.faults.push((parameter, FieldError { pointer, code, detail: detail.to_owned() }));
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
        detail: "is not a parameter of the list".to_owned(),
    }));
    let more = unknown.len() - named;
    if more > 0 {
        let detail = format!("has {more} more parameters that the list does not have");
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

fn flag(text: &str) -> Result<bool, BrokenRule> {
    text.parse().map_err(|_| BrokenRule::new(RuleCode::InvalidType, "must be true or false"))
}

fn invalid(detail: &'static str) -> BrokenRule {
    BrokenRule::new(RuleCode::InvalidFormat, detail)
}
