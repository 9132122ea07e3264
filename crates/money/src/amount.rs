//! An amount of money.

use crate::{Currency, parse_decimal};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount in whole minor units of its currency: 1999 of USD is 19.99 dollars. May be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// Why an amount could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The decimal is finer than the minor unit of the currency. It is never rounded.
    #[error("{amount} is finer than the minor unit of {currency}, which has {} decimal digits", currency.digits())]
    TooPrecise { amount: Decimal, currency: Currency },
    /// The amount does not fit 64 bits of minor units.
    #[error("the amount is out of range")]
    OutOfRange,
    /// Two amounts of different currencies met; nothing is converted but by a stored rate.
    #[error("{left} and {right} are different currencies")]
    CurrencyMismatch { left: Currency, right: Currency },
    /// The text is no plain decimal number.
    #[error(transparent)]
    NotADecimal(#[from] crate::NotADecimal),
}

impl Money {
    /// So many minor units of the currency.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in the currency.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// The amount in major units, exactly.
    pub fn from_decimal(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let amount = amount.normalize();
        let Some(zeros) = currency.digits().checked_sub(amount.scale()) else {
            return Err(MoneyError::TooPrecise { amount, currency });
        };
        let minor = amount.mantissa().checked_mul(10_i128.pow(zeros)).ok_or(MoneyError::OutOfRange)?;
        i64::try_from(minor).map(|minor| Self::new(minor, currency)).map_err(|_| MoneyError::OutOfRange)
    }

    /// The amount in major units, read from a plain decimal text such as `19.99`.
    pub fn parse(amount: &str, currency: Currency) -> Result<Self, MoneyError> {
        Self::from_decimal(parse_decimal(amount)?, currency)
    }

    /// The amount in minor units.
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The amount in major units, with as many decimal digits as the currency has.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.minor, self.currency.digits())
    }

    /// Whether the amount is nothing.
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// The sum, of the same currency.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.with(other, i64::checked_add)
    }

    /// The difference, of the same currency.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.with(other, i64::checked_sub)
    }

    fn with(self, other: Self, operation: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch { left: self.currency, right: other.currency });
        }
        let minor = operation(self.minor, other.minor).ok_or(MoneyError::OutOfRange)?;
        Ok(Self::new(minor, self.currency))
    }
}

/// `19.99 USD`, `500 JPY`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_decimal(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimals_become_minor_units() {
        let cases =
            [("19.99", "USD", 1999), ("19.9900", "USD", 1999), ("500", "JPY", 500), ("1.234", "KWD", 1234)];
        for (text, code, minor) in cases {
            let currency = Currency::parse(code).unwrap();
            assert_eq!(Money::parse(text, currency), Ok(Money::new(minor, currency)));
        }
    }

    #[test]
    fn finer_than_the_minor_unit_is_refused_not_rounded() {
        let too_precise = |text, code| {
            matches!(Money::parse(text, Currency::parse(code).unwrap()), Err(MoneyError::TooPrecise { .. }))
        };
        assert!(too_precise("19.999", "USD"));
        assert!(too_precise("0.5", "JPY"));
        assert!(!too_precise("0.5000", "KWD"));
    }

    #[test]
    fn out_of_range_is_an_error_at_every_door() {
        let most = Money::new(i64::MAX, Currency::USD);
        assert_eq!(most.checked_add(Money::new(1, Currency::USD)), Err(MoneyError::OutOfRange));
        assert_eq!(Money::new(i64::MIN, Currency::USD).checked_sub(most), Err(MoneyError::OutOfRange));
        assert_eq!(Money::parse("92233720368547758.08", Currency::USD), Err(MoneyError::OutOfRange));
        assert_eq!(Money::from_decimal(Decimal::MAX, Currency::CLF), Err(MoneyError::OutOfRange));
    }

    #[test]
    fn currencies_do_not_mix() {
        let mixed = Money::new(1, Currency::USD).checked_add(Money::new(1, Currency::EUR));
        assert_eq!(mixed, Err(MoneyError::CurrencyMismatch { left: Currency::USD, right: Currency::EUR }));
    }

    #[test]
    fn shown_with_the_digits_of_its_currency() {
        let cases = [
            (1999, Currency::USD, "19.99 USD"),
            (-5, Currency::USD, "-0.05 USD"),
            (0, Currency::USD, "0.00 USD"),
        ];
        for (minor, currency, text) in cases {
            assert_eq!(Money::new(minor, currency).to_string(), text);
        }
        assert_eq!(Money::new(500, Currency::JPY).to_string(), "500 JPY");
    }

    proptest! {
        #[test]
        fn to_decimal_and_back_is_the_same(minor: i64, index in 0..Currency::LIST.len()) {
            let money = Money::new(minor, Currency::LIST[index]);
            prop_assert_eq!(Money::from_decimal(money.to_decimal(), money.currency()), Ok(money));
        }

        #[test]
        fn adding_and_taking_away_is_nothing(a in -1_000_000_000_000_i64.., b in -1_000_000_000_000_i64..1_000_000) {
            let (a, b) = (Money::new(a / 2, Currency::EUR), Money::new(b, Currency::EUR));
            prop_assert_eq!(a.checked_add(b).and_then(|sum| sum.checked_sub(b)), Ok(a));
        }
    }
}
