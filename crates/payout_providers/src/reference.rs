use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What we call a submission or a payment at a provider: 1 to 30 ASCII letters, digits and underscores, such as
/// `pay_01h455vb4pex5vsknk084sn02q`. The same thing always has the same reference: the provider refuses its double by
/// it.
///
/// Thirty is the least that the rails allow for a payment (PayPal's `sender_item_id` takes more, a customer id in
/// PayPal's file no more). There is no hyphen in it, because banks know no underscore: see [`Reference::at_banks`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);

/// A text that is no reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not 1 to 30 letters, digits and underscores")]
pub struct NotAReference(pub String);

impl Reference {
    /// The most characters of a reference.
    pub const MOST: usize = 30;

    /// How many characters rails with short fields carry.
    pub const ENDING: usize = 10;

    /// The reference.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its last [`Reference::ENDING`] characters, by which one of a submission's is known: of an id they are random.
    pub fn ending(&self) -> &str {
        self.0.get(self.0.len().saturating_sub(Self::ENDING)..).unwrap_or(&self.0)
    }

    /// The reference in the characters that European banks admit, which have a hyphen and no underscore (EPC217-08).
    pub fn at_banks(&self) -> String {
        self.0.replace('_', "-")
    }

    /// Reads what [`Reference::at_banks`] wrote, as it comes back in a bank's report.
    ///
    /// # Errors
    /// [`NotAReference`]: the report speaks of a payment that is not ours.
    pub fn from_bank(text: &str) -> Result<Self, NotAReference> {
        text.replace('-', "_").parse()
    }
}

impl FromStr for Reference {
    type Err = NotAReference;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (1..=Self::MOST).contains(&text.len());
        let admitted = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        match fits && text.bytes().all(admitted) {
            true => Ok(Self(text.to_owned())),
            false => Err(NotAReference(text.chars().take(64).collect())),
        }
    }
}

impl TryFrom<String> for Reference {
    type Error = NotAReference;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.0
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_no_rail_could_carry_is_refused() {
        for text in ["", "a-b", "a b", "ä", "a/b", "=1", &"a".repeat(31)] {
            assert!(text.parse::<Reference>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn to_a_bank_and_back_is_the_same(text in "[A-Za-z0-9_]{1,30}") {
            let reference: Reference = text.parse().unwrap();
            prop_assert!(!reference.at_banks().contains('_'));
            prop_assert_eq!(Reference::from_bank(&reference.at_banks()), Ok(reference));
        }
    }
}
