use std::pin::pin;

use actix_web::rt::System;
use futures_util::future::{Either, select};
use users_domain::{BrokenRule, Country, Email, Label, RuleCode, UserFilter, Username};
use users_http::Services;
use users_use_cases::Caller;

use super::data::{format_of, open};
use crate::config::PoolArgs;
use crate::data_args::{Assignment, ExportArgs};
use crate::failure::Failure;
use crate::finish::Finish;
use crate::interrupt::interrupted;
use crate::output;
use crate::transfer::{Format, Progress, Target, UserWriter, export, rate};

/// Writes the users to a file.
pub fn run(args: &ExportArgs) -> Result<Finish, Failure> {
    let asked = args.format.or(args.spreadsheet.then_some(Format::Csv));
    let format = format_of(&args.file, asked, Format::of)?;
    if args.spreadsheet && format != Format::Csv {
        return Err(Failure::Settings("--spreadsheet is for CSV".to_owned()));
    }
    let writer = UserWriter::new(format, args.spreadsheet);
    let filter = filter_of(&args.filter)?;
    System::new().block_on(async {
        let store = open(&args.database, &PoolArgs::ONE_AT_A_TIME).await?;
        let Services { list_users, count_users, .. } = store.services();
        let mut target = Target::open(&args.file)?;
        let total = if Progress::is_shown() {
            Some(count_users.execute(&Caller::command("export"), &filter).await?)
        } else {
            None
        };
        let mut progress = Progress::begin(total);
        let exported = export(&list_users, filter, writer, &mut target, &mut progress);
        let count = match select(pin!(exported), pin!(interrupted()?)).await {
            Either::Left((count, _)) => count?,
            // What was written goes with the target.
            Either::Right(_) => return Ok(Finish::Interrupted),
        };
        target.finish()?;
        let took = progress.finish();
        let (seconds, rate) = (took.as_secs_f64(), rate(count, took));
        output::note(&format!("Wrote {count} users in {seconds:.1} s, {rate} a second."));
        Ok(Finish::Done)
    })
}

/// The filter that all assignments make together.
fn filter_of(assignments: &[Assignment]) -> Result<UserFilter, Failure> {
    let mut filter = UserFilter::default();
    for Assignment { name, value } in assignments {
        let fresh = match name.as_str() {
            "username" => put(&mut filter.username, Username::parse(value.as_str()).map(|it| it.key())),
            "email" => put(&mut filter.email, Email::parse(value.as_str()).map(|email| email.key())),
            "organization" => put(&mut filter.organization, Label::parse(value.as_str())),
            "country" => put(&mut filter.country, Country::parse(value.as_str())),
            "active" => put(&mut filter.active, flag(value)),
            _ => Err("must be one of username, email, organization, country, active".to_owned()),
        };
        fresh.map_err(|rule| Failure::Settings(format!("--filter {name} {rule}")))?;
    }
    Ok(filter)
}

fn put<T>(place: &mut Option<T>, value: Result<T, BrokenRule>) -> Result<(), String> {
    match place.replace(value.map_err(|rule| rule.to_string())?) {
        None => Ok(()),
        Some(_) => Err("must not be given twice".to_owned()),
    }
}

fn flag(text: &str) -> Result<bool, BrokenRule> {
    text.parse().map_err(|_| BrokenRule::new(RuleCode::InvalidType, "must be true or false"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use users_domain::{Country, UserFilter};

    use super::filter_of;
    use crate::data_args::Assignment;

    fn assignments(pairs: &[(&str, &str)]) -> Vec<Assignment> {
        let assignment =
            |(name, value): &(&str, &str)| Assignment { name: (*name).into(), value: (*value).into() };
        pairs.iter().map(assignment).collect()
    }

    #[test]
    fn filters_add_up() {
        let filter = filter_of(&assignments(&[("country", "DE"), ("active", "false")])).unwrap();
        let expected = UserFilter {
            country: Some(Country::parse("DE").unwrap()),
            active: Some(false),
            ..UserFilter::default()
        };
        assert_eq!(filter, expected);
    }

    #[rstest]
    #[case(&[("bio", "x")], "--filter bio must be one of username, email")]
    #[case(&[("active", "maybe")], "--filter active must be true or false")]
    #[case(&[("country", "DE"), ("country", "FR")], "--filter country must not be given twice")]
    #[case(&[("email", "nobody")], "--filter email must ")]
    fn a_filter_that_fits_nobody_ever_is_refused(#[case] pairs: &[(&str, &str)], #[case] expected: &str) {
        let failure = filter_of(&assignments(pairs)).unwrap_err().to_string();
        assert!(failure.starts_with(expected), "{failure}");
    }
}
