//! Scalars and small value types that many concepts share.

use async_graphql::{
    InputObject, InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value,
};
use chrono::NaiveDate;
use money::Currency;
use rust_decimal::Decimal;

/// An ISO 4217 currency code of three capital letters, e.g. `EUR`. In answers also a unit of a program's own, in lower-case
/// letters, e.g. `points`: it has no minor unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrencyCode(pub Currency);

/// An ISO 4217 currency code of three capital letters, e.g. `EUR`. In answers also a unit of a program's own, in lower-case
/// letters, e.g. `points`: it has no minor unit.
#[Scalar(specified_by_url = "https://www.iso.org/iso-4217-currency-codes.html")]
impl ScalarType for CurrencyCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Currency::parse(&text)
                .map(Self)
                .map_err(|_| InputValueError::custom("not an ISO 4217 currency code")),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An ISO 4217 currency code of three capital letters, e.g. `EUR`, or the name of a unit of a program's own, of 4 to 30
/// lower-case letters, e.g. `points`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrencyOrUnit(pub Currency);

/// An ISO 4217 currency code of three capital letters, e.g. `EUR`, or the name of a unit of a program's own, of 4 to 30
/// lower-case letters, e.g. `points`.
#[Scalar]
impl ScalarType for CurrencyOrUnit {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => text.parse().map(Self).map_err(|_| {
                InputValueError::custom("neither an ISO 4217 currency code nor the name of a unit")
            }),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A calendar date, written as `2026-03-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date(pub NaiveDate);

/// A calendar date, written as `2026-03-31`.
#[Scalar]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            // Ten characters: `2026-3-31` is a slip.
            Value::String(text) if text.len() == 10 => {
                text.parse().map(Self).map_err(|_| InputValueError::custom("not a date such as 2026-03-31"))
            }
            Value::String(_) => Err(InputValueError::custom("not a date such as 2026-03-31")),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A whole number of up to 64 bits, as a string: JSON numbers lose digits above 2^53.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BigInt(pub i64);

/// A whole number of up to 64 bits, as a string: JSON numbers lose digits above 2^53.
#[Scalar]
impl ScalarType for BigInt {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => {
                text.parse().map(Self).map_err(|_| InputValueError::custom("not a whole number of 64 bits"))
            }
            Value::Number(number) => number
                .as_i64()
                .map(Self)
                .ok_or_else(|| InputValueError::custom("not a whole number of 64 bits")),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An exact amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SimpleObject)]
pub struct Money {
    /// In major units, e.g. `"19.99"`; with as many decimals as the currency has.
    pub amount: Decimal,
    /// In minor units, e.g. `"1999"`.
    pub minor_units: BigInt,
    /// The currency.
    pub currency: CurrencyCode,
}

impl From<money::Money> for Money {
    fn from(money: money::Money) -> Self {
        Self {
            amount: money.to_decimal(),
            minor_units: BigInt(money.minor()),
            currency: CurrencyCode(money.currency()),
        }
    }
}

/// An amount of money in major units. More decimals than the currency has are refused, never rounded.
#[derive(Debug, Clone, Copy, InputObject)]
pub struct MoneyInput {
    /// In major units, e.g. `"19.99"`.
    pub amount: Decimal,
    /// The currency.
    pub currency: CurrencyCode,
}

/// An amount of money, or of a unit of a program's own. More decimals than the currency has are refused, never rounded; a unit
/// has none.
#[derive(Debug, Clone, Copy, InputObject)]
pub struct AmountInput {
    /// In major units, e.g. `"19.99"`; of a unit how many, e.g. `"500"`.
    pub amount: Decimal,
    /// The currency or unit.
    pub currency: CurrencyOrUnit,
}
