//! Keys over time: the one that signs, and those that have signed.

use std::str::FromStr;

use crate::{SigningKey, SigningKeyError};

/// Keys by which papers are signed: the first signs, and what the others have signed can still be verified.
#[derive(Debug)]
pub struct SigningKeys {
    current: SigningKey,
    older: Vec<SigningKey>,
}

/// What verifies the signatures of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    /// The id of the key.
    pub id: String,
    /// As PEM (SubjectPublicKeyInfo).
    pub pem: String,
}

/// Why a text is no list of keys. It never repeats the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SigningKeysError {
    /// There is no key at all.
    #[error("there is no key")]
    Empty,
    /// An entry is no key.
    #[error("entry {place}: {error}")]
    Entry {
        /// Which entry, counted from 1.
        place: usize,
        /// Why.
        error: SigningKeyError,
    },
    /// Two entries have the same id.
    #[error("the key {id} is there twice")]
    Repeated {
        /// The id.
        id: String,
    },
}

/// Keys of the form `id1:base64,id2:base64`; the first signs. Blanks around entries are dropped.
impl FromStr for SigningKeys {
    type Err = SigningKeysError;

    fn from_str(text: &str) -> Result<Self, SigningKeysError> {
        let mut keys: Vec<SigningKey> = Vec::new();
        for (at, entry) in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).enumerate() {
            let key: SigningKey =
                entry.parse().map_err(|error| SigningKeysError::Entry { place: at + 1, error })?;
            if keys.iter().any(|known| known.id() == key.id()) {
                return Err(SigningKeysError::Repeated { id: key.id().to_owned() });
            }
            keys.push(key);
        }
        let mut keys = keys.into_iter();
        let current = keys.next().ok_or(SigningKeysError::Empty)?;
        Ok(Self { current, older: keys.collect() })
    }
}

impl SigningKeys {
    /// Reads `STATEMENT_KEYS`: the keys by which statements and invoices are signed; none if it is not set.
    ///
    /// # Errors
    /// When it is no list of keys; the error repeats no key.
    pub fn from_env() -> anyhow::Result<Option<Self>> {
        env::var_parsed("STATEMENT_KEYS")
    }

    /// The key that signs.
    pub fn current(&self) -> &SigningKey {
        &self.current
    }

    /// What verifies: for everybody to know.
    pub fn verifying_keys(&self) -> Vec<VerifyingKey> {
        let all = std::iter::once(&self.current).chain(&self.older);
        all.map(|key| VerifyingKey { id: key.id().to_owned(), pem: key.public_key_pem() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(letter: &str) -> String {
        format!("{}=", letter.repeat(43))
    }

    #[test]
    fn the_first_key_signs_and_all_are_published() {
        let keys: SigningKeys = format!(" new:{}, old:{} ,", seed("E"), seed("A")).parse().unwrap();
        assert_eq!(keys.current().id(), "new");
        let published = keys.verifying_keys();
        assert_eq!(published.iter().map(|key| key.id.as_str()).collect::<Vec<_>>(), ["new", "old"]);
        assert_ne!(published[0].pem, published[1].pem);
        assert!(!format!("{keys:?} {published:?}").contains(&seed("A")));
    }

    #[test]
    fn what_is_no_list_of_keys_is_refused() {
        let (good, none) = (seed("A"), SigningKeyError::NotAPair);
        for (text, error) in [
            (" , ".to_owned(), SigningKeysError::Empty),
            (format!("a:{good},{good}"), SigningKeysError::Entry { place: 2, error: none }),
            (format!("a:{good},a:{}", seed("E")), SigningKeysError::Repeated { id: "a".to_owned() }),
        ] {
            assert_eq!(text.parse::<SigningKeys>().unwrap_err(), error);
        }
    }
}
