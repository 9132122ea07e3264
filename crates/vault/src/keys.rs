//! Which keys there are, read from text.

use std::{fmt, str::FromStr};

use aes_gcm::{Aes256Gcm, KeyInit};
use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

/// The most characters of a key's id.
const ID_CHARS: usize = 32;

/// Keys by which secrets are sealed and opened: one that is current, and older ones that still open.
pub struct Vault {
    pub(crate) current: NamedKey,
    pub(crate) older: Vec<NamedKey>,
}

/// A key ready for use, whose round keys are overwritten when it is dropped.
pub(crate) struct NamedKey {
    pub(crate) id: String,
    pub(crate) cipher: Aes256Gcm,
}

/// Why a text is no list of keys. It never repeats the text, of which any part may be a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// There is no key at all.
    #[error("there is no key")]
    Empty,
    /// An entry has no `:` between an id and a key.
    #[error("entry {place} is not of the form id:base64")]
    NotAPair {
        /// Which entry, counted from 1.
        place: usize,
    },
    /// An id is not 1 to 32 of `a-z`, `A-Z`, `0-9`, `.`, `-` and `_`.
    #[error("the id of entry {place} is not 1 to 32 letters, digits, dots, dashes and underscores")]
    BadId {
        /// Which entry, counted from 1.
        place: usize,
    },
    /// Two entries have the same id.
    #[error("the key {id} is there twice")]
    Repeated {
        /// The id.
        id: String,
    },
    /// A key is not standard base64 with padding.
    #[error("the key {id} is not base64")]
    NotBase64 {
        /// The id.
        id: String,
    },
    /// A key has not the length that AES-256 asks for.
    #[error("the key {id} has {bytes} bytes, not 32")]
    WrongLength {
        /// The id.
        id: String,
        /// How many bytes there are.
        bytes: usize,
    },
}

impl Vault {
    /// The id of the key that seals.
    pub fn current_key_id(&self) -> &str {
        &self.current.id
    }

    /// The ids of the older keys, which still open.
    pub fn older_key_ids(&self) -> Vec<&str> {
        self.older.iter().map(|key| key.id.as_str()).collect()
    }

    /// Reads `PAYOUT_KEYS`: the keys by which payout details are sealed; none if it is not set.
    ///
    /// # Errors
    /// When it is no list of keys; the error repeats no key.
    pub fn from_env() -> anyhow::Result<Option<Self>> {
        env::var_parsed("PAYOUT_KEYS")
    }

    /// Whether something was sealed by another key than the current one, and should be sealed again.
    pub fn needs_rotation(&self, key_id: &str) -> bool {
        self.current.id != key_id
    }

    /// The key of that id, current or older.
    pub(crate) fn key(&self, id: &str) -> Option<&NamedKey> {
        std::iter::once(&self.current).chain(&self.older).find(|key| key.id == id)
    }
}

/// Keys of the form `id1:base64,id2:base64`; the first is the current one. Blanks around entries are dropped.
impl FromStr for Vault {
    type Err = KeysError;

    fn from_str(text: &str) -> Result<Self, KeysError> {
        let mut keys: Vec<NamedKey> = Vec::new();
        for (at, entry) in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).enumerate() {
            let key = NamedKey::parse(entry, at + 1)?;
            if keys.iter().any(|known| known.id == key.id) {
                return Err(KeysError::Repeated { id: key.id });
            }
            keys.push(key);
        }
        let mut keys = keys.into_iter();
        let current = keys.next().ok_or(KeysError::Empty)?;
        Ok(Self { current, older: keys.collect() })
    }
}

impl NamedKey {
    fn parse(entry: &str, place: usize) -> Result<Self, KeysError> {
        let (id, key) = entry.split_once(':').ok_or(KeysError::NotAPair { place })?;
        let is_id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if id.is_empty() || id.len() > ID_CHARS || !id.chars().all(is_id) {
            return Err(KeysError::BadId { place });
        }
        let bytes = STANDARD.decode(key).map_err(|_| KeysError::NotBase64 { id: id.to_owned() })?;
        let bytes = Zeroizing::new(bytes);
        let cipher = Aes256Gcm::new_from_slice(&bytes)
            .map_err(|_| KeysError::WrongLength { id: id.to_owned(), bytes: bytes.len() })?;
        Ok(Self { id: id.to_owned(), cipher })
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let older: Vec<_> = self.older.iter().map(|key| &key.id).collect();
        f.debug_struct("Vault")
            .field("current", &self.current.id)
            .field("older", &older)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> String {
        STANDARD.encode([byte; 32])
    }

    #[test]
    fn the_first_key_is_current_and_no_key_is_shown() {
        let vault: Vault = format!(" new:{}, old:{} ,", key(1), key(2)).parse().unwrap();
        assert_eq!(vault.current_key_id(), "new");
        assert!(!vault.needs_rotation("new"));
        assert_eq!(vault.older_key_ids(), ["old"]);
        assert!(vault.needs_rotation("old") && vault.needs_rotation("unknown"));
        assert_eq!(format!("{vault:?}"), r#"Vault { current: "new", older: ["old"], .. }"#);
    }

    #[test]
    fn what_is_no_list_of_keys_is_refused_without_repeating_it() {
        let secret = key(9);
        let id = || "a".to_owned();
        for (text, error) in [
            (" , ".to_owned(), KeysError::Empty),
            (secret.clone(), KeysError::NotAPair { place: 1 }),
            (format!("a:{secret},{secret}"), KeysError::NotAPair { place: 2 }),
            (format!(":{secret}"), KeysError::BadId { place: 1 }),
            (format!("a b:{secret}"), KeysError::BadId { place: 1 }),
            (format!("{}:{secret}", "a".repeat(33)), KeysError::BadId { place: 1 }),
            (format!("a:{secret},a:{}", key(2)), KeysError::Repeated { id: id() }),
            (format!("a:{secret}!"), KeysError::NotBase64 { id: id() }),
            ("a:".to_owned(), KeysError::WrongLength { id: id(), bytes: 0 }),
            (format!("a:{}", STANDARD.encode([1; 31])), KeysError::WrongLength { id: id(), bytes: 31 }),
        ] {
            let refused = text.parse::<Vault>().unwrap_err();
            assert_eq!(refused, error, "{text}");
            assert!(!format!("{refused} {refused:?}").contains(&secret));
        }
    }
}
