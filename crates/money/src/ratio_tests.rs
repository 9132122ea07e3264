use super::*;
use crate::parse_decimal;
use proptest::prelude::*;

fn ratio(text: &str) -> Ratio {
    text.parse().unwrap()
}

#[test]
fn the_four_modes() {
    // value, HALF_EVEN, HALF_UP, UP, DOWN
    let table = [
        ("5/2", 2, 3, 3, 2),
        ("7/2", 4, 4, 4, 3),
        ("1/2", 0, 1, 1, 0),
        ("-1/2", 0, -1, -1, 0),
        ("-5/2", -2, -3, -3, -2),
        ("-7/2", -4, -4, -4, -3),
        ("1/3", 0, 0, 1, 0),
        ("2/3", 1, 1, 1, 0),
        ("-2/3", -1, -1, -1, 0),
        ("4/1", 4, 4, 4, 4),
        ("0/1", 0, 0, 0, 0),
        ("299997/100", 3000, 3000, 3000, 2999),
    ];
    for (text, half_even, half_up, up, down) in table {
        let rounded = Rounding::ALL.map(|mode| ratio(text).round(mode).unwrap());
        assert_eq!(rounded, [half_even, half_up, up, down], "{text}");
    }
}

#[test]
fn what_a_decimal_gets_wrong() {
    let left = Ratio::one() - Ratio::from(2).checked_div(&Ratio::from(3)).unwrap();
    assert_eq!((Ratio::from(150) * left).round(Rounding::Down), Some(50));
}

#[test]
fn too_large_to_round_is_said() {
    let large = Ratio::from(i64::MAX) + Ratio::one();
    assert_eq!(large.round(Rounding::Down), None);
    assert_eq!(Ratio::from(i64::MAX).round(Rounding::HalfEven), Some(i64::MAX));
    assert_eq!((ratio("-1/2") + Ratio::from(i64::MIN)).round(Rounding::Down), Some(i64::MIN));
}

#[test]
fn fractions_are_read_and_written_in_lowest_terms() {
    assert_eq!(ratio("10/4").to_fraction_string(), "5/2");
    assert_eq!(Ratio::from_decimal(parse_decimal("33.333").unwrap()).to_string(), "33333/1000");
    for text in ["", "1", "1/0", "1/-2", "a/b", "1/2/3", "1.5/2", "/"] {
        assert!(text.parse::<Ratio>().is_err(), "{text}");
    }
    assert_eq!(serde_json::to_string(&ratio("-3/9")).unwrap(), "\"-1/3\"");
}

#[test]
fn decimals_that_end_and_those_that_do_not() {
    for (text, decimal) in
        [("29997/1000", "29.997"), ("-1/8", "-0.125"), ("7/1", "7"), ("0/1", "0"), ("3/1280", "0.00234375")]
    {
        assert_eq!(ratio(text).to_decimal().unwrap().to_string(), decimal);
    }
    assert_eq!(ratio("1/3").to_decimal(), None);
    assert_eq!(ratio("1/7").to_decimal(), None);
    assert_eq!((Ratio::from(i64::MAX) * Ratio::from(i64::MAX)).to_decimal(), None);
}

#[test]
fn nothing_is_divided_by_zero() {
    assert_eq!(Ratio::one().checked_div(&Ratio::zero()), None);
}

fn any_ratio() -> impl Strategy<Value = Ratio> {
    (any::<i64>(), 1_i64..).prop_map(|(n, d)| Ratio::from(n).checked_div(&Ratio::from(d)).unwrap())
}

proptest! {
    #[test]
    fn rounding_moves_by_less_than_one_and_to_the_nearest_by_half_at_most(value in any_ratio()) {
        for mode in Rounding::ALL {
            let moved = Ratio::from(value.round(mode).unwrap()) - value.clone();
            let size = if moved.is_negative() { Ratio::zero() - moved } else { moved };
            prop_assert!(size < Ratio::one());
            if matches!(mode, Rounding::HalfEven | Rounding::HalfUp) {
                prop_assert!(size <= ratio("1/2"));
            }
        }
    }

    #[test]
    fn rounding_is_the_same_on_both_sides_of_zero(value in any_ratio()) {
        let negated = Ratio::zero() - value.clone();
        for mode in Rounding::ALL {
            prop_assert_eq!(value.round(mode).unwrap().checked_neg(), negated.round(mode));
        }
    }

    #[test]
    fn fraction_text_round_trips(value in any_ratio()) {
        prop_assert_eq!(value.to_fraction_string().parse(), Ok(value));
    }

    #[test]
    fn decimals_round_trip(mantissa: i64, scale in 0_u32..=28) {
        let decimal = Decimal::from_i128_with_scale(mantissa.into(), scale);
        prop_assert_eq!(Ratio::from_decimal(decimal).to_decimal(), Some(decimal));
    }

    #[test]
    fn arithmetic_is_exact(a in any_ratio(), b in any_ratio()) {
        prop_assert_eq!(&(&a + &b) - &b, a.clone());
        if let Some(quotient) = a.checked_div(&b) {
            prop_assert_eq!(quotient * b, a);
        }
    }
}
