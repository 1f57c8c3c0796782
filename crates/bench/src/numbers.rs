//! Arithmetic on counts and on series of figures.

/// A count as a figure to calculate with.
#[expect(clippy::cast_precision_loss, reason = "counts here stay far below 2^53")]
pub const fn figure(count: u64) -> f64 {
    count as f64
}

/// The middle one of the figures, or the mean of the two middle ones; `None` where there are none.
pub fn median(figures: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = figures.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get(sorted.len() / 2 - 1)?;
    Some(f64::midpoint(lower, upper))
}

/// Writes a whole number with commas between the thousands, as in `22,500`.
pub fn with_commas(figure: f64) -> String {
    let digits = format!("{figure:.0}");
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{median, with_commas};

    #[test]
    fn the_median_is_the_middle_or_between_the_two_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median([7.0]), Some(7.0));
        assert_eq!(median([]), None);
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(with_commas(0.0), "0");
        assert_eq!(with_commas(999.4), "999");
        assert_eq!(with_commas(1_000.0), "1,000");
        assert_eq!(with_commas(22_500.0), "22,500");
        assert_eq!(with_commas(1_234_567.0), "1,234,567");
    }
}
