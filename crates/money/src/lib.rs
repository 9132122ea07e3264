#![doc = include_str!("../README.md")]

mod allocate;
mod amount;
mod currency;
mod decimal;
mod percent;
#[cfg(feature = "diesel")]
mod postgres;
mod ratio;
mod rounding;

pub use allocate::allocate;
pub use amount::{Money, MoneyError};
pub use currency::{Currency, NotAUnitName, UnitName, UnknownCurrency};
pub use decimal::{NotADecimal, parse_decimal};
pub use percent::{BadNumber, OutOfBounds, Percent, Rate, Threshold};
pub use ratio::{NotAFraction, Ratio};
pub use rounding::{Rounding, UnknownRounding};
