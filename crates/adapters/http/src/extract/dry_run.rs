use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use users_domain::RuleCode;

use super::broken_rules::{MAX_ERRORS, broken_rules};
use super::parameter_check::flag;
use crate::problem::{FieldError, Problem, pointer_to};

/// The parameter by which a write is only tried.
pub const DRY_RUN: &str = "dry_run";

/// Reads from the query of a write whether it is only to be tried.
///
/// Writes have no other parameter, and ignore any; but a name that differs from this one by case, `-` and `_` alone is
/// refused, so that no slip of the pen makes a trial real.
pub fn dry_run(query: &str) -> Result<bool, Problem> {
    let (mut read, mut errors) = (None, Vec::new());
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = percent_decode_str(name).decode_utf8().unwrap_or(Cow::Borrowed(name));
        if name != DRY_RUN {
            if squeezed(&name) == squeezed(DRY_RUN) {
                errors.push(error_at(&name, "UNKNOWN_PARAMETER", "must be written dry_run"));
            }
            continue;
        }
        if read.is_some() {
            errors.push(error_at(&name, "DUPLICATE_PARAMETER", "must not stand twice"));
        }
        match percent_decode_str(value).decode_utf8().as_deref() {
            Ok(value) if let Ok(value) = flag(value) => read = Some(value),
            _ => errors.push(error_at(&name, RuleCode::InvalidType.as_str(), "must be true or false")),
        }
    }
    if errors.is_empty() {
        return Ok(read.unwrap_or_default());
    }
    errors.truncate(MAX_ERRORS);
    Err(broken_rules("query", errors))
}

/// The name as far as two must differ not to be taken for each other.
fn squeezed(name: &str) -> String {
    name.chars().filter(|character| !matches!(character, '-' | '_')).map(|c| c.to_ascii_lowercase()).collect()
}

fn error_at(name: &str, code: &'static str, detail: &str) -> FieldError {
    FieldError { pointer: pointer_to(name), code, detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::dry_run;

    #[rstest]
    #[case("", false)]
    #[case("dry_run=true", true)]
    #[case("dry_run=false", false)]
    #[case("dry_run=True", true)]
    #[case("dry_run=FALSE", false)]
    #[case("x=1&dry%5Frun=%74rue&", true)]
    #[case("dry=true&run=true&dry_running=true", false)]
    fn the_parameter_is_read_and_others_are_ignored(#[case] query: &str, #[case] expected: bool) {
        assert_eq!(dry_run(query).ok(), Some(expected));
    }

    #[rstest]
    #[case::no_value("dry_run")]
    #[case::empty("dry_run=")]
    #[case::number("dry_run=1")]
    #[case::no_utf_8("dry_run=%FF")]
    #[case::twice("dry_run=true&dry_run=true")]
    #[case::contradiction("dry_run=false&dry_run=true")]
    #[case::hyphen("dry-run=true")]
    #[case::camel("dryRun=true")]
    #[case::glued("dryrun")]
    #[case::shouted("DRY_RUN=true")]
    fn what_may_have_been_meant_is_refused(#[case] query: &str) {
        assert!(dry_run(query).is_err());
    }

    proptest! {
        #[test]
        fn no_query_makes_it_panic(query in ".{0,60}") {
            let _ = dry_run(&query);
        }
    }
}
