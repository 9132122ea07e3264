use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

/// The name of a unit that a program gives instead of money: 4 to 30 lower-case letters, so that it is never a code of
/// ISO 4217.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitName {
    letters: [u8; UnitName::MOST],
    length: u8,
}

/// A text that is no name of a unit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not 4 to 30 lower-case letters")]
pub struct NotAUnitName(pub String);

impl UnitName {
    const LEAST: usize = 4;
    const MOST: usize = 30;

    /// The name.
    pub fn as_str(&self) -> &str {
        let letters = self.letters.get(..usize::from(self.length)).unwrap_or_default();
        std::str::from_utf8(letters).unwrap_or_default()
    }
}

impl FromStr for UnitName {
    type Err = NotAUnitName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let fits = (Self::LEAST..=Self::MOST).contains(&name.len());
        if !fits || !name.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Err(NotAUnitName(name.to_owned()));
        }
        let mut letters = [0; Self::MOST];
        letters.iter_mut().zip(name.bytes()).for_each(|(letter, byte)| *letter = byte);
        let length = u8::try_from(name.len()).unwrap_or_default();
        Ok(Self { letters, length })
    }
}

impl fmt::Display for UnitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for UnitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl Serialize for UnitName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for UnitName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lower_case_and_of_a_length_that_no_code_has() {
        for name in ["cash", "points", "months", &"z".repeat(30)] {
            assert_eq!(name.parse::<UnitName>().unwrap().to_string(), name);
        }
        for text in ["", "usd", "Points", "free month", "pünkte", "points1", &"z".repeat(31)] {
            assert_eq!(text.parse::<UnitName>(), Err(NotAUnitName(text.to_owned())));
        }
    }

    #[test]
    fn names_are_ordered_as_texts() {
        let mut names =
            ["points", "stars", "pointsmore", "cash"].map(|name| name.parse::<UnitName>().unwrap());
        names.sort();
        assert_eq!(names.map(|name| name.to_string()), ["cash", "points", "pointsmore", "stars"]);
    }
}
