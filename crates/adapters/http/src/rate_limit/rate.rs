use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use governor::Quota;

/// How many requests may be made: so many in a unit of time, and so many at once.
///
/// An operator writes `2000/s`, `600/m` or `50/h`. As many as that may come at once; another number for that stands
/// behind a colon: `100/s:1000`. What was used comes back little by little, not at the end of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    requests: NonZeroU32,
    unit: Unit,
    burst: NonZeroU32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Second,
    Minute,
    Hour,
}

/// A text that is no [`Rate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotARate;

impl Rate {
    /// The largest number of requests, in a unit of time or at once.
    pub const MAX: u32 = 1_000_000;

    /// The rate as the rate limiter has it.
    pub const fn quota(self) -> Quota {
        let quota = match self.unit {
            Unit::Second => Quota::per_second(self.requests),
            Unit::Minute => Quota::per_minute(self.requests),
            Unit::Hour => Quota::per_hour(self.requests),
        };
        quota.allow_burst(self.burst)
    }
}

impl FromStr for Rate {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (rate, burst) = text.split_once(':').map_or((text, None), |(rate, burst)| (rate, Some(burst)));
        let (requests, unit) = rate.split_once('/').ok_or(NotARate)?;
        let unit = match unit {
            "s" => Unit::Second,
            "m" => Unit::Minute,
            "h" => Unit::Hour,
            _ => return Err(NotARate),
        };
        let requests = number(requests)?;
        Ok(Self { requests, unit, burst: burst.map_or(Ok(requests), number)? })
    }
}

fn number(text: &str) -> Result<NonZeroU32, NotARate> {
    // `parse` alone would take a sign.
    let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit())).ok_or(NotARate)?;
    let number: NonZeroU32 = digits.parse().map_err(|_| NotARate)?;
    if number.get() <= Rate::MAX { Ok(number) } else { Err(NotARate) }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Second => 's',
            Unit::Minute => 'm',
            Unit::Hour => 'h',
        };
        write!(f, "{}/{unit}", self.requests)?;
        if self.burst == self.requests { Ok(()) } else { write!(f, ":{}", self.burst) }
    }
}

impl fmt::Display for NotARate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "must be a number of requests (1 to 1000000) and a unit (s, m or h), such as 2000/s, and behind a colon how \
             many may come at once, such as 100/s:1000",
        )
    }
}

impl std::error::Error for NotARate {}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use rstest::rstest;

    use super::{NotARate, Rate};

    #[rstest]
    #[case("2000/s", 500, 2000)]
    #[case("600/m", 100_000, 600)]
    #[case("50/h", 72_000_000, 50)]
    #[case("100/s:1000", 10_000, 1000)]
    #[case("1000000/s", 1, 1_000_000)]
    #[case("1/h:1000000", 3_600_000_000, 1_000_000)]
    fn a_rate_is_read_and_written_alike(#[case] text: &str, #[case] micros: u64, #[case] burst: u32) {
        let rate: Rate = text.parse().unwrap();
        assert_eq!(rate.to_string(), text);
        assert_eq!(rate.quota().replenish_interval(), Duration::from_micros(micros));
        assert_eq!(rate.quota().burst_size().get(), burst);
    }

    #[rstest]
    #[case::empty("")]
    #[case::no_unit("2000")]
    #[case::no_number("/s")]
    #[case::zero("0/s")]
    #[case::no_burst("10/s:")]
    #[case::zero_at_once("10/s:0")]
    #[case::sign("+10/s")]
    #[case::space("10 /s")]
    #[case::unknown_unit("10/d")]
    #[case::too_many("1000001/s")]
    #[case::too_many_at_once("1/s:1000001")]
    #[case::far_too_many("99999999999/s")]
    #[case::two_bursts("10/s:1:2")]
    fn what_is_no_rate_is_refused(#[case] text: &str) {
        assert_eq!(text.parse::<Rate>(), Err(NotARate));
    }

    proptest! {
        #[test]
        fn a_rate_lies_within_its_limits(
            requests in 0..2_000_000_u64,
            unit in "[smhd]",
            burst in prop::option::of(0..2_000_000_u64),
        ) {
            let text = format!("{requests}/{unit}") + &burst.map(|burst| format!(":{burst}")).unwrap_or_default();
            let fits = |number: u64| (1..=1_000_000).contains(&number);
            let good = fits(requests) && burst.is_none_or(fits) && unit != "d";
            prop_assert_eq!(text.parse::<Rate>().is_ok(), good);
        }

        #[test]
        fn what_is_read_is_written_as_what_means_the_same(text in prop_oneof![any::<String>(), "[0-9]{1,8}/[a-z]?(:[0-9]{0,8})?"]) {
            if let Ok(rate) = text.parse::<Rate>() {
                prop_assert_eq!(rate.to_string().parse(), Ok(rate));
            }
        }
    }
}
