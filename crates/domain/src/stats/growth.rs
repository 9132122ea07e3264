use rust_decimal::{Decimal, RoundingStrategy};

/// By how many percent `now` is above `before`, to two decimals; `None` when there was nothing before.
pub fn growth(now: i64, before: i64) -> Option<Decimal> {
    let more = Decimal::from(now) - Decimal::from(before);
    (before > 0).then(|| part(more * Decimal::ONE_HUNDRED, before, 2))?
}

/// Which part of the whole it is, to four decimals; `None` of nothing.
pub fn ratio(part_of: i64, whole: i64) -> Option<Decimal> {
    (whole > 0).then(|| part(Decimal::from(part_of), whole, 4))?
}

fn part(value: Decimal, whole: i64, digits: u32) -> Option<Decimal> {
    let exact = value.checked_div(Decimal::from(whole))?;
    Some(exact.round_dp_with_strategy(digits, RoundingStrategy::MidpointNearestEven).normalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_in_percent_of_before() {
        let table = [
            ((3, 2), Some("50")),
            ((1, 3), Some("-66.67")),
            ((5, 5), Some("0")),
            ((0, 5), Some("-100")),
            ((5, 0), None),
            ((5, -1), None),
        ];
        for ((now, before), expected) in table {
            assert_eq!(growth(now, before).map(|growth| growth.to_string()).as_deref(), expected);
        }
        assert!(growth(i64::MAX, 1).is_some());
    }

    #[test]
    fn a_ratio_is_a_part_of_one() {
        assert_eq!(ratio(1, 3), Some(Decimal::new(3333, 4)));
        assert_eq!(ratio(7, 7), Some(Decimal::ONE));
        assert_eq!(ratio(1, 0), None);
    }
}
