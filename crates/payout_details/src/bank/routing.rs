use crate::{DetailsProblem, check::digits, checked_text::checked_text};

checked_text! {
    /// The routing number of a bank in the United States: nine digits, the last of which checks the others.
    RoutingNumber
}

impl RoutingNumber {
    /// The number. Its first two digits are those of a Federal Reserve district (01 to 12), of a thrift (21 to 32) or of
    /// electronic payments (61 to 72).
    ///
    /// # Errors
    /// When it has not nine digits, begins as no bank's does, or its check digit is wrong.
    pub fn parse(text: &str) -> Result<Self, DetailsProblem> {
        let text = digits(text, 9..=9)?;
        let sum: u32 =
            text.bytes().zip([3, 7, 1].into_iter().cycle()).map(|(d, by)| u32::from(d - b'0') * by).sum();
        let prefix = text.bytes().take(2).fold(0, |prefix, d| prefix * 10 + (d - b'0'));
        if !sum.is_multiple_of(10) {
            Err(DetailsProblem::WrongChecksum)
        } else if matches!(prefix, 1..=12 | 21..=32 | 61..=72) {
            Ok(Self(text))
        } else {
            Err(DetailsProblem::Malformed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_known_banks_pass() {
        for good in ["021000021", "026009593", "121000248", "1110-0002-5", " 091000019 "] {
            assert!(RoutingNumber::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (bad, problem) in [
            ("021000022", DetailsProblem::WrongChecksum),
            ("012000021", DetailsProblem::WrongChecksum),
            ("02100002", DetailsProblem::Malformed),
            ("0210000211", DetailsProblem::Malformed),
            ("02100002X", DetailsProblem::Malformed),
            ("000000000", DetailsProblem::Malformed),
            ("", DetailsProblem::Missing),
        ] {
            assert_eq!(RoutingNumber::parse(bad), Err(problem), "{bad}");
        }
    }

    #[test]
    fn any_other_digit_in_any_place_is_refused() {
        for at in 0..9 {
            for digit in b'0'..=b'9' {
                let mut changed = *b"021000021";
                changed[at] = digit;
                let text = std::str::from_utf8(&changed).unwrap();
                assert_eq!(RoutingNumber::parse(text).is_ok(), text == "021000021", "{text}");
            }
        }
    }
}
