//! International bank account numbers (ISO 13616).

use iban::{Iban as Registered, IbanLike, ParseBaseIbanError, ParseIbanError};

use crate::{DetailsProblem, check::compact, checked_text::checked_text};

/// The check digits that are given out.
const CHECK_DIGITS: std::ops::RangeInclusive<u8> = 2..=98;

checked_text! {
    /// An IBAN without blanks, in upper case: length and form as the registry has them for its country, check digits by
    /// mod 97.
    Iban
}

impl Iban {
    /// The IBAN, however it was grouped and cased.
    ///
    /// # Errors
    /// When its country has no IBANs, when it has not the form of its country, and when its check digits are wrong.
    pub fn parse(text: &str) -> Result<Self, DetailsProblem> {
        let text = compact(text)?;
        let iban: Registered = text.parse().map_err(|error| problem_of(&text, error))?;
        // 00, 01 and 99 are congruent to 97, 98 and 02, but are never given out.
        if CHECK_DIGITS.contains(&iban.check_digits()) {
            Ok(Self(text))
        } else {
            Err(DetailsProblem::WrongChecksum)
        }
    }

    /// The country whose registry of banks the account is in.
    pub fn country(&self) -> &str {
        self.0.get(..2).unwrap_or_default()
    }
}

/// The registry looks at the country and its form only if the check digits are right; people would rather hear of those first. So
/// the check digits that would be right are tried.
fn problem_of(text: &str, error: ParseIbanError) -> DetailsProblem {
    match error {
        ParseIbanError::InvalidBaseIban { source: ParseBaseIbanError::InvalidChecksum } => {
            let (Some(country), Some(account)) = (text.get(..2), text.get(4..)) else {
                return DetailsProblem::Malformed;
            };
            let with = |digits: u8| format!("{country}{digits:02}{account}").parse::<Registered>();
            let form = CHECK_DIGITS.map(with).find_map(|tried| match tried {
                Err(ParseIbanError::InvalidBban(_)) => Some(DetailsProblem::Malformed),
                Err(ParseIbanError::UnknownCountry(_)) => Some(DetailsProblem::UnknownCountry),
                _ => None,
            });
            form.unwrap_or(DetailsProblem::WrongChecksum)
        }
        ParseIbanError::UnknownCountry(_) => DetailsProblem::UnknownCountry,
        ParseIbanError::InvalidBaseIban { .. } | ParseIbanError::InvalidBban(_) => DetailsProblem::Malformed,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The examples of the registry, by country.
    const KNOWN: [&str; 20] = [
        "AT611904300234573201",
        "BE68539007547034",
        "BR1800360305000010009795493C1",
        "CH9300762011623852957",
        "CY17002001280000001200527600",
        "DE89370400440532013000",
        "DK5000400440116243",
        "ES9121000418450200051332",
        "FI2112345600000785",
        "FR1420041010050500013M02606",
        "GB29NWBK60161331926819",
        "IE29AIBK93115212345678",
        "IT60X0542811101000000123456",
        "LT121000011101001000",
        "MT84MALT011000012345MTLCAST001S",
        "NL91ABNA0417164300",
        "NO9386011117947",
        "PL61109010140000071219812874",
        "SE4550000000058398257466",
        "TR330006100519786457841326",
    ];

    #[test]
    fn the_examples_of_the_registry_pass_however_they_are_written() {
        for known in KNOWN {
            let grouped: Vec<_> = known.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
            let written = format!(" {} ", grouped.join(" ").to_lowercase());
            let iban = Iban::parse(&written).unwrap();
            assert_eq!((iban.as_str(), iban.country()), (known, &known[..2]));
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, problem) in [
            (" ", DetailsProblem::Missing),
            ("DE89 3704 0044 0532 0130 01", DetailsProblem::WrongChecksum),
            ("GB29NWBK60161331926891", DetailsProblem::WrongChecksum),
            ("DE8937040044053201300", DetailsProblem::Malformed),
            ("GB29NWB160161331926819", DetailsProblem::Malformed),
            ("US12 3456 7890 1234", DetailsProblem::UnknownCountry),
            ("8937040044053201300000", DetailsProblem::Malformed),
            ("DE89_370400440532013000", DetailsProblem::Malformed),
            // The check digits are right, for a length or letters that Germany does not have.
            ("DE41370400440532013", DetailsProblem::Malformed),
            ("US64SVBKUS6S3300958879", DetailsProblem::UnknownCountry),
        ] {
            assert_eq!(Iban::parse(text), Err(problem), "{text}");
        }
    }

    #[test]
    fn check_digits_beyond_the_range_are_refused_though_they_are_congruent() {
        let account = (0_u32..1_000)
            .map(|number| format!("1904300{number:09}"))
            .find(|account| Iban::parse(&format!("AT97{account}")).is_ok())
            .unwrap();
        assert_eq!(Iban::parse(&format!("AT00{account}")), Err(DetailsProblem::WrongChecksum));
    }

    proptest! {
        #[test]
        fn one_changed_character_is_refused(
            known in prop::sample::select(&KNOWN[..]), place: prop::sample::Index, by in 1_u8..36,
        ) {
            const ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
            let mut bytes = known.as_bytes().to_vec();
            // Another digit for a digit, another letter for a letter: the form stays, and the check digits must tell.
            let at = place.index(bytes.len());
            let old = ALPHABET.iter().position(|known| *known == bytes[at]).unwrap();
            let (start, count) = if old < 10 { (0, 10) } else { (10, 26) };
            bytes[at] = ALPHABET[start + (old - start + 1 + usize::from(by) % (count - 1)) % count];
            let changed = String::from_utf8(bytes).unwrap();
            prop_assert_ne!(&changed, known);
            prop_assert!(Iban::parse(&changed).is_err(), "{changed}");
        }
    }
}
