//! Exact rationals, for everything between the facts and the one rounding.

use crate::Rounding;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{cmp::Ordering, fmt, iter, ops, str::FromStr};

/// A fraction of any size, always in lowest terms. Decimals are not rationals: 150 x (1 - 2/3) is 50, a decimal says
/// 49.99...; so amounts are ratios until they are rounded, once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ratio(BigRational);

/// A text that is no fraction such as `2999/100`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a fraction n/d with a positive d")]
pub struct NotAFraction(pub String);

impl Ratio {
    /// 0.
    pub fn zero() -> Self {
        Self(BigRational::zero())
    }

    /// 1.
    pub fn one() -> Self {
        Self(BigRational::one())
    }

    /// The same number as the decimal.
    pub fn from_decimal(decimal: Decimal) -> Self {
        let scale = BigInt::from(10).pow(decimal.scale());
        Self(BigRational::new(decimal.mantissa().into(), scale))
    }

    /// The quotient; nothing when the divisor is zero.
    pub fn checked_div(&self, divisor: &Self) -> Option<Self> {
        (!divisor.is_zero()).then(|| Self(&self.0 / &divisor.0))
    }

    /// Whether it is 0.
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// Whether it is below 0.
    pub fn is_negative(&self) -> bool {
        self.0.is_negative()
    }

    /// The nearest integer by the mode; nothing when that does not fit 64 bits.
    pub fn round(&self, rounding: Rounding) -> Option<i64> {
        let (toward_zero, rest) = (self.0.to_integer(), self.0.fract());
        if rest.is_zero() {
            return toward_zero.to_i64();
        }
        let half = (rest.abs() * BigInt::from(2)).cmp(&BigRational::one());
        let away = match (rounding, half) {
            (Rounding::Up, _) => true,
            (Rounding::Down, _) => false,
            (_, Ordering::Greater) => true,
            (_, Ordering::Less) => false,
            (Rounding::HalfUp, Ordering::Equal) => true,
            (Rounding::HalfEven, Ordering::Equal) => toward_zero.bit(0),
        };
        let step = if away { rest.numer().signum() } else { BigInt::zero() };
        (toward_zero + step).to_i64()
    }

    /// The same number as a decimal, if it is one of at most 28 digits: a third is none.
    pub fn to_decimal(&self) -> Option<Decimal> {
        let mut rest = self.0.denom().clone();
        let mut places = |factor: u32| {
            let mut count = 0_u32;
            while (&rest % factor).is_zero() {
                rest /= factor;
                count += 1;
            }
            count
        };
        let scale = places(2).max(places(5));
        if !rest.is_one() || scale > Decimal::MAX_SCALE {
            return None;
        }
        let mantissa = &self.0 * BigInt::from(10).pow(scale);
        Decimal::try_from_i128_with_scale(mantissa.to_integer().to_i128()?, scale).ok()
    }

    /// The nearest decimal of so many significant digits (at most 18), half to even, of a fraction above 0; nothing for others,
    /// and for those that a decimal of that many digits cannot hold.
    pub fn to_significant(&self, digits: u32) -> Option<Decimal> {
        if !self.0.is_positive() || !(1..=18).contains(&digits) {
            return None;
        }
        let length = |number: &BigInt| number.to_string().len() as i64;
        // Right, or one too small: then the rounded number has a digit too many.
        let guess = i64::from(digits) - 1 - (length(self.0.numer()) - length(self.0.denom()));
        let shifted = |scale: i64| {
            let factor = BigRational::from_integer(BigInt::from(10).pow(scale.unsigned_abs() as u32));
            let ratio = Self(if scale < 0 { &self.0 / factor } else { &self.0 * factor });
            ratio.round(Rounding::HalfEven).filter(|rounded| *rounded >= 10_i64.pow(digits - 1))
        };
        let (scale, mantissa) =
            [guess, guess + 1].into_iter().find_map(|scale| Some((scale, shifted(scale)?)))?;
        let (mantissa, scale) = match u32::try_from(scale) {
            Ok(scale) => (i128::from(mantissa), scale),
            Err(_) => {
                (i128::from(mantissa).checked_mul(10_i128.checked_pow(scale.unsigned_abs() as u32)?)?, 0)
            }
        };
        Decimal::try_from_i128_with_scale(mantissa, scale).ok().map(|decimal| decimal.normalize())
    }

    /// The fraction in lowest terms, `n/d`: what traces store.
    pub fn to_fraction_string(&self) -> String {
        format!("{}/{}", self.0.numer(), self.0.denom())
    }
}

impl From<i64> for Ratio {
    fn from(integer: i64) -> Self {
        Self(BigRational::from_integer(integer.into()))
    }
}

impl FromStr for Ratio {
    type Err = NotAFraction;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || NotAFraction(text.chars().take(64).collect());
        let (numer, denom) = text.split_once('/').ok_or_else(refused)?;
        let (numer, denom): (BigInt, BigInt) =
            (numer.parse().map_err(|_| refused())?, denom.parse().map_err(|_| refused())?);
        if !denom.is_positive() {
            return Err(refused());
        }
        Ok(Self(BigRational::new(numer, denom)))
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_fraction_string())
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident) => {
        impl ops::$trait for Ratio {
            type Output = Self;

            fn $method(self, other: Self) -> Self {
                Self(ops::$trait::$method(self.0, other.0))
            }
        }

        impl ops::$trait for &Ratio {
            type Output = Ratio;

            fn $method(self, other: Self) -> Ratio {
                Ratio(ops::$trait::$method(&self.0, &other.0))
            }
        }
    };
}

operator!(Add, add);
operator!(Sub, sub);
operator!(Mul, mul);

impl iter::Sum for Ratio {
    fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
        items.fold(Self::zero(), ops::Add::add)
    }
}

#[cfg(test)]
#[path = "ratio_tests.rs"]
mod tests;
