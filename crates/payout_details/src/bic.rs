//! Business identifier codes (ISO 9362), by which banks find each other.

use crate::{DetailsProblem, check::compact, checked_text::checked_text, countries};

checked_text! {
    /// A BIC of 8 or 11 characters, in upper case: the bank, its country, its place, and perhaps a branch.
    Bic
}

impl Bic {
    /// The BIC, however it was cased. That the bank exists is not checked: the directory is not open.
    ///
    /// # Errors
    /// When it has not the form of a BIC, or its country does not exist.
    pub fn parse(text: &str) -> Result<Self, DetailsProblem> {
        let text = compact(text)?;
        let (bank, rest) = text.split_at_checked(4).ok_or(DetailsProblem::Malformed)?;
        let country = rest.get(..2).ok_or(DetailsProblem::Malformed)?;
        let are_letters = |part: &str| part.bytes().all(|byte| byte.is_ascii_uppercase());
        if !matches!(text.len(), 8 | 11) || !are_letters(bank) || !are_letters(country) {
            return Err(DetailsProblem::Malformed);
        }
        if countries::exists(country) { Ok(Self(text)) } else { Err(DetailsProblem::UnknownCountry) }
    }

    /// The country of the bank.
    pub fn country(&self) -> &str {
        self.0.get(4..6).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        for good in ["DEUTDEFF", "deutdeff500", "NWBK GB 2L", "TRWIBEB1XXX", "PCBKXKPR"] {
            let bic = Bic::parse(good).unwrap();
            assert_eq!(bic.as_str(), good.replace(' ', "").to_uppercase());
        }
        assert_eq!(Bic::parse("DEUTDEFF").unwrap().country(), "DE");
        for (bad, problem) in [
            ("", DetailsProblem::Missing),
            ("DEU", DetailsProblem::Malformed),
            ("DEUTDEFF5", DetailsProblem::Malformed),
            ("DEUTDEFF5000", DetailsProblem::Malformed),
            ("DEU1DEFF", DetailsProblem::Malformed),
            ("DEUTD1FF", DetailsProblem::Malformed),
            ("DEUTZZFF", DetailsProblem::UnknownCountry),
        ] {
            assert_eq!(Bic::parse(bad), Err(problem), "{bad}");
        }
    }
}
