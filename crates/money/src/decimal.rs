//! Decimal texts, read exactly.

use rust_decimal::Decimal;

/// A text that is no plain decimal number, or has more digits than can be kept exactly.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a plain decimal number of at most 28 digits")]
pub struct NotADecimal(pub String);

/// Reads a plain decimal number such as `19.99` or `-3`. `Decimal::from_str` silently rounds what it cannot hold, and
/// takes underscores; here such a text is an error. Zeros at the end do not count: `1.10` and `1.1` read the same.
pub fn parse_decimal(text: &str) -> Result<Decimal, NotADecimal> {
    let refused = || NotADecimal(text.chars().take(64).collect());
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(fraction) {
        return Err(refused());
    }
    Decimal::from_str_exact(text).map(|decimal| decimal.normalize()).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_decimals_are_read() {
        for (text, normal) in
            [("19.990", "19.99"), ("0", "0"), ("-3.5", "-3.5"), ("007", "7"), ("100", "100")]
        {
            assert_eq!(parse_decimal(text).unwrap().to_string(), normal);
        }
    }

    #[test]
    fn what_would_be_rounded_or_guessed_is_refused() {
        let long = "0.".to_owned() + &"3".repeat(29);
        for text in
            ["", "-", ".", ".5", "5.", "1_000", "1,5", "1e3", "+1", " 1", "NaN", "٣", "--1", "1.2.3", &long]
        {
            assert!(parse_decimal(text).is_err(), "{text}");
        }
    }
}
