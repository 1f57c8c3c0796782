use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;
use validator::ValidateRange;

/// A length of time as an operator writes it: a whole number and a unit, `500ms`, `5s`, `2m`, `12h` or `90d`.
///
/// There is no default unit: a bare `5` in a settings file leaves its reader guessing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(Duration);

/// The units and how many milliseconds each has, the largest first.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// A text that is no period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number and a unit (ms, s, m, h or d), such as 500ms, 5s, 2m or 90d")]
pub struct NotAPeriod;

impl Period {
    /// A period of so many milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    /// A period of so many seconds.
    pub const fn from_secs(secs: u64) -> Self {
        Self(Duration::from_secs(secs))
    }

    /// The period as the standard library has it.
    pub const fn duration(self) -> Duration {
        self.0
    }
}

/// Lets `#[validate(range(..))]` compare periods.
impl ValidateRange<Self> for Period {
    fn greater_than(&self, max: Self) -> Option<bool> {
        Some(*self > max)
    }

    fn less_than(&self, min: Self) -> Option<bool> {
        Some(*self < min)
    }
}

impl FromStr for Period {
    type Err = NotAPeriod;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unit_at = text.find(|c: char| !c.is_ascii_digit()).ok_or(NotAPeriod)?;
        let (number, unit) = text.split_at(unit_at);
        let (_, millis) = UNITS.into_iter().find(|(name, _)| *name == unit).ok_or(NotAPeriod)?;
        let number: u64 = number.parse().map_err(|_| NotAPeriod)?;
        number.checked_mul(millis).map(Self::from_millis).ok_or(NotAPeriod)
    }
}

impl fmt::Display for Period {
    /// Writes the largest unit that leaves no remainder.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        let fits = |size: u64| millis > 0 && millis.is_multiple_of(u128::from(size));
        let (unit, size) = UNITS.into_iter().find(|(_, size)| fits(*size)).unwrap_or(("ms", 1));
        write!(f, "{}{unit}", millis / u128::from(size))
    }
}

/// Written as it is read: the limits of a period then stand in an error just as an operator may type them.
impl Serialize for Period {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{NotAPeriod, Period};

    #[rstest]
    #[case("0ms", 0)]
    #[case("500ms", 500)]
    #[case("5s", 5000)]
    #[case("90s", 90_000)]
    #[case("2m", 120_000)]
    #[case("12h", 43_200_000)]
    #[case("90d", 7_776_000_000)]
    fn a_period_is_read_and_written_alike(#[case] text: &str, #[case] millis: u64) {
        assert_eq!(text.parse(), Ok(Period::from_millis(millis)));
        assert_eq!(Period::from_millis(millis).to_string(), text);
    }

    #[test]
    fn a_period_is_written_in_its_largest_unit() {
        assert_eq!("120s".parse::<Period>().unwrap().to_string(), "2m");
    }

    #[rstest]
    #[case::empty("")]
    #[case::no_unit("5")]
    #[case::no_number("s")]
    #[case::unknown_unit("5w")]
    #[case::space("5 s")]
    #[case::fraction("1.5s")]
    #[case::negative("-5s")]
    #[case::two_units("1m30s")]
    #[case::not_ascii("٥s")]
    #[case::too_large("18446744073709551615d")]
    #[case::too_many_digits("99999999999999999999s")]
    fn what_is_no_period_is_refused(#[case] text: &str) {
        assert_eq!(text.parse::<Period>(), Err(NotAPeriod));
    }

    proptest! {
        #[test]
        fn a_period_is_read_where_its_milliseconds_can_be_counted(number: u64, unit in prop::sample::select(&super::UNITS[..])) {
            let (name, millis) = unit;
            let expected = number.checked_mul(millis).map(Period::from_millis).ok_or(NotAPeriod);
            prop_assert_eq!(format!("{number}{name}").parse(), expected);
        }

        #[test]
        fn what_is_read_is_written_as_what_means_the_same(text in prop_oneof![any::<String>(), "[0-9]{0,20}[a-z]{0,3}"]) {
            if let Ok(period) = text.parse::<Period>() {
                prop_assert_eq!(period.to_string().parse(), Ok(period));
            }
        }
    }
}
