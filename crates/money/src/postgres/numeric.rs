//! `Decimal` and PostgreSQL's NUMERIC, exactly, both ways: groups of four decimal digits, `weight` the power of 10,000
//! of the first.

use diesel::pg::data_types::PgNumeric;
use rust_decimal::Decimal;

const GROUP: u32 = 4;
const BASE: u128 = 10_000;

/// A NUMERIC that a `Decimal` cannot hold: NaN, or one of more than 28 digits.
#[derive(Debug, thiserror::Error)]
#[error("a NUMERIC of more than 28 digits, or one that is no number")]
pub(super) struct NotHeld;

/// The same number for PostgreSQL.
pub(super) fn from_decimal(decimal: Decimal) -> PgNumeric {
    let groups_after_point = decimal.scale().div_ceil(GROUP);
    let padding = groups_after_point * GROUP - decimal.scale();
    // 96 bits of mantissa and at most three more decimal digits: always within 128 bits.
    let mut rest = decimal.mantissa().unsigned_abs() * 10_u128.pow(padding);
    let mut digits = Vec::new();
    while rest > 0 {
        digits.push((rest % BASE) as i16);
        rest /= BASE;
    }
    digits.reverse();
    // At most 10 groups, and at most 7 after the point.
    let weight = digits.len() as i16 - groups_after_point as i16 - 1;
    let scale = decimal.scale() as u16;
    if decimal.is_sign_negative() {
        PgNumeric::Negative { weight, scale, digits }
    } else {
        PgNumeric::Positive { weight, scale, digits }
    }
}

/// The same number as a decimal.
pub(super) fn to_decimal(numeric: &PgNumeric) -> Result<Decimal, NotHeld> {
    let (negative, weight, digits) = match numeric {
        PgNumeric::Positive { weight, digits, .. } => (false, *weight, digits),
        PgNumeric::Negative { weight, digits, .. } => (true, *weight, digits),
        PgNumeric::NaN => return Err(NotHeld),
    };
    let mut mantissa = 0_u128;
    for digit in digits {
        let digit = u128::try_from(*digit).map_err(|_| NotHeld)?;
        mantissa =
            mantissa.checked_mul(BASE).and_then(|shifted| shifted.checked_add(digit)).ok_or(NotHeld)?;
    }
    let groups_behind = i64::from(weight) + 1 - i64::try_from(digits.len()).map_err(|_| NotHeld)?;
    let mut exponent = groups_behind * i64::from(GROUP);
    while exponent < 0 && mantissa.is_multiple_of(10) {
        if mantissa == 0 {
            return Ok(Decimal::ZERO);
        }
        mantissa /= 10;
        exponent += 1;
    }
    let zeros = u32::try_from(exponent.max(0)).map_err(|_| NotHeld)?;
    let mantissa =
        10_u128.checked_pow(zeros).and_then(|factor| mantissa.checked_mul(factor)).ok_or(NotHeld)?;
    let mantissa = i128::try_from(mantissa).map_err(|_| NotHeld)?;
    let scale = u32::try_from((-exponent).max(0)).map_err(|_| NotHeld)?;
    Decimal::try_from_i128_with_scale(if negative { -mantissa } else { mantissa }, scale).map_err(|_| NotHeld)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_decimal;
    use proptest::prelude::*;

    #[test]
    fn known_wire_forms() {
        let positive =
            |weight, scale, digits: &[i16]| PgNumeric::Positive { weight, scale, digits: digits.to_vec() };
        let table = [
            ("1", positive(0, 0, &[1])),
            ("12345.678", positive(1, 3, &[1, 2345, 6780])),
            ("0.0001", positive(-1, 4, &[1])),
            ("0.00001", positive(-2, 5, &[1000])),
            ("10000", positive(1, 0, &[1, 0])),
        ];
        for (text, numeric) in table {
            let decimal = parse_decimal(text).unwrap();
            assert_eq!(from_decimal(decimal), numeric, "{text}");
            assert_eq!(to_decimal(&numeric).unwrap(), decimal, "{text}");
        }
        // PostgreSQL leaves out zero groups at the end, and all of them of zero.
        assert_eq!(to_decimal(&positive(1, 0, &[1])).unwrap(), parse_decimal("10000").unwrap());
        assert_eq!(to_decimal(&positive(0, 2, &[])).unwrap(), Decimal::ZERO);
    }

    #[test]
    fn what_cannot_be_held_is_an_error() {
        assert!(to_decimal(&PgNumeric::NaN).is_err());
        assert!(to_decimal(&PgNumeric::Positive { weight: 30, scale: 0, digits: vec![1] }).is_err());
        assert!(to_decimal(&PgNumeric::Positive { weight: -20, scale: 80, digits: vec![1] }).is_err());
        assert!(to_decimal(&PgNumeric::Positive { weight: 0, scale: 0, digits: vec![-1] }).is_err());
    }

    proptest! {
        #[test]
        fn there_and_back(mantissa in -(1_i128 << 95)..(1_i128 << 95), scale in 0_u32..=28) {
            let decimal = Decimal::try_from_i128_with_scale(mantissa, scale).unwrap();
            prop_assert_eq!(to_decimal(&from_decimal(decimal)).unwrap(), decimal);
        }
    }
}
