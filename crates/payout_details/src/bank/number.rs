//! Numbers whose form alone can be checked: which banks and accounts exist is in no open directory.

use std::ops::RangeInclusive;

use crate::{
    DetailsProblem,
    check::{compact, digits},
    checked_text::checked_text,
};

checked_text! {
    /// The number of an account at its bank.
    AccountNumber
}

checked_text! {
    /// The sort code of a British branch: six digits.
    SortCode
}

checked_text! {
    /// The number of a Canadian bank: three digits.
    InstitutionNumber
}

checked_text! {
    /// The number of a Canadian branch: five digits.
    TransitNumber
}

checked_text! {
    /// The bank, state and branch of an Australian account: six digits.
    Bsb
}

checked_text! {
    /// The code of an Indian branch: four letters of the bank, a zero, six letters or digits of the branch.
    Ifsc
}

impl AccountNumber {
    /// A number of so many digits.
    pub(super) fn of_digits(text: &str, count: RangeInclusive<usize>) -> Result<Self, DetailsProblem> {
        digits(text, count).map(Self)
    }

    /// A number in a country whose form is not known here: 4 to 34 letters and digits, as in a SWIFT message.
    pub(super) fn of_any_form(text: &str) -> Result<Self, DetailsProblem> {
        let text = compact(text)?;
        if (4..=34).contains(&text.len()) { Ok(Self(text)) } else { Err(DetailsProblem::Malformed) }
    }
}

impl SortCode {
    pub(super) fn parse(text: &str) -> Result<Self, DetailsProblem> {
        digits(text, 6..=6).map(Self)
    }
}

impl InstitutionNumber {
    pub(super) fn parse(text: &str) -> Result<Self, DetailsProblem> {
        digits(text, 3..=3).map(Self)
    }
}

impl TransitNumber {
    pub(super) fn parse(text: &str) -> Result<Self, DetailsProblem> {
        digits(text, 5..=5).map(Self)
    }
}

impl Bsb {
    pub(super) fn parse(text: &str) -> Result<Self, DetailsProblem> {
        digits(text, 6..=6).map(Self)
    }
}

impl Ifsc {
    pub(super) fn parse(text: &str) -> Result<Self, DetailsProblem> {
        let text = compact(text)?;
        let (bank, branch) = text.split_once('0').ok_or(DetailsProblem::Malformed)?;
        let is_code =
            bank.len() == 4 && branch.len() == 6 && bank.bytes().all(|byte| byte.is_ascii_uppercase());
        if is_code { Ok(Self(text)) } else { Err(DetailsProblem::Malformed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_indian_branches() {
        assert_eq!(Ifsc::parse("sbin0005943").unwrap().as_str(), "SBIN0005943");
        for bad in ["SBIN1005943", "SBI00005943", "SBIN000594", "SBIN00059433", "5BIN0005943"] {
            assert_eq!(Ifsc::parse(bad), Err(DetailsProblem::Malformed), "{bad}");
        }
    }

    #[test]
    fn numbers_may_be_grouped() {
        assert_eq!(SortCode::parse("60-16-13").unwrap().as_str(), "601613");
        assert_eq!(Bsb::parse("062-000").unwrap().as_str(), "062000");
        assert_eq!(SortCode::parse("60161"), Err(DetailsProblem::Malformed));
        assert_eq!(AccountNumber::of_digits("1234 5678", 8..=8).unwrap().as_str(), "12345678");
        assert_eq!(AccountNumber::of_digits("1234567a", 8..=8), Err(DetailsProblem::Malformed));
        assert_eq!(AccountNumber::of_any_form("00-ab 12").unwrap().as_str(), "00AB12");
        assert_eq!(AccountNumber::of_any_form("123"), Err(DetailsProblem::Malformed));
    }
}
