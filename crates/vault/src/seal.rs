//! Secrets that are sealed, and opened again.

use aes_gcm::aead::{Aead, Payload};
use zeroize::Zeroizing;

use crate::Vault;

/// The bytes of a nonce, which stand before the ciphertext.
const NONCE_BYTES: usize = 12;

/// A sealed secret, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The id of the key that opens it.
    pub key_id: String,
    /// The nonce, the ciphertext and the tag.
    pub bytes: Vec<u8>,
}

/// Why a secret cannot be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The secret, or the additional data, has 64 GiB or more.
    #[error("the secret is too long to be sealed")]
    TooLong,
}

/// Why sealed bytes cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The vault has no key of that id.
    #[error("there is no key {key_id}")]
    UnknownKey {
        /// The id.
        key_id: String,
    },
    /// There is not even a whole nonce.
    #[error("the sealed bytes are cut short")]
    CutShort,
    /// The bytes were not sealed by this key for this additional data, or were changed since. Which of it cannot be told.
    #[error("the sealed bytes do not open")]
    Refused,
}

impl Vault {
    /// Seals `plaintext` by the current key. Opening needs the same `aad`. The nonce must be 12 random bytes that are used
    /// once.
    ///
    /// # Errors
    /// When there are more bytes than GCM can seal.
    pub fn seal(&self, plaintext: &[u8], aad: &[u8], nonce: [u8; NONCE_BYTES]) -> Result<Sealed, SealError> {
        let payload = Payload { msg: plaintext, aad };
        let ciphertext =
            self.current.cipher.encrypt(&nonce.into(), payload).map_err(|_| SealError::TooLong)?;
        Ok(Sealed { key_id: self.current.id.clone(), bytes: [nonce.as_slice(), &ciphertext].concat() })
    }

    /// What was sealed for this `aad`. It is overwritten when it is dropped.
    ///
    /// # Errors
    /// When the key is unknown, or the bytes were not sealed by it, for this `aad`, exactly as they are.
    pub fn open(&self, key_id: &str, bytes: &[u8], aad: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let key = self.key(key_id).ok_or_else(|| OpenError::UnknownKey { key_id: key_id.to_owned() })?;
        let (nonce, msg) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(OpenError::CutShort)?;
        let plaintext =
            key.cipher.decrypt(&(*nonce).into(), Payload { msg, aad }).map_err(|_| OpenError::Refused)?;
        Ok(Zeroizing::new(plaintext))
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use proptest::prelude::*;

    use super::*;

    fn vault(keys: &[(&str, u8)]) -> Vault {
        let entry = |(id, byte): &(&str, u8)| format!("{id}:{}", STANDARD.encode([*byte; 32]));
        keys.iter().map(entry).collect::<Vec<_>>().join(",").parse().unwrap()
    }

    /// Test case 14 of the GCM specification (McGrew and Viega): a key, a nonce and a block of zeros.
    #[test]
    fn a_known_answer() {
        let sealed = vault(&[("zero", 0)]).seal(&[0; 16], b"", [0; 12]).unwrap();
        let hex: String = sealed.bytes[12..].iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
    }

    #[test]
    fn only_its_own_key_opens_it() {
        let sealed = vault(&[("a", 1)]).seal(b"secret", b"row", [3; 12]).unwrap();
        let other = vault(&[("b", 1)]);
        let unknown = OpenError::UnknownKey { key_id: "a".to_owned() };
        assert_eq!(other.open(&sealed.key_id, &sealed.bytes, b"row"), Err(unknown));
        assert_eq!(vault(&[("a", 2)]).open("a", &sealed.bytes, b"row"), Err(OpenError::Refused));
    }

    #[test]
    fn only_its_own_additional_data_opens_it() {
        let vault = vault(&[("a", 1)]);
        let sealed = vault.seal(b"secret", b"row 1", [3; 12]).unwrap();
        assert_eq!(vault.open("a", &sealed.bytes, b"row 2"), Err(OpenError::Refused));
        assert_eq!(vault.open("a", &sealed.bytes, b""), Err(OpenError::Refused));
    }

    #[test]
    fn a_new_key_in_front_opens_the_old_and_seals_anew() {
        let sealed = vault(&[("old", 1)]).seal(b"secret", b"row", [3; 12]).unwrap();
        let both = vault(&[("new", 2), ("old", 1)]);
        assert!(both.needs_rotation(&sealed.key_id));
        let opened = both.open(&sealed.key_id, &sealed.bytes, b"row").unwrap();
        let again = both.seal(&opened, b"row", [4; 12]).unwrap();
        assert!(!both.needs_rotation(&again.key_id));
        assert_eq!(vault(&[("new", 2)]).open("new", &again.bytes, b"row").unwrap().as_slice(), b"secret");
    }

    #[test]
    fn what_is_cut_short_does_not_open() {
        let vault = vault(&[("a", 1)]);
        let sealed = vault.seal(b"secret", b"row", [3; 12]).unwrap();
        assert_eq!(vault.open("a", &sealed.bytes[..11], b"row"), Err(OpenError::CutShort));
        for end in 12..sealed.bytes.len() {
            assert_eq!(vault.open("a", &sealed.bytes[..end], b"row"), Err(OpenError::Refused), "{end}");
        }
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens(secret: Vec<u8>, aad: Vec<u8>, nonce: [u8; 12]) {
            let vault = vault(&[("a", 1)]);
            let sealed = vault.seal(&secret, &aad, nonce).unwrap();
            prop_assert_eq!(sealed.bytes.len(), 12 + secret.len() + 16);
            let opened = vault.open(&sealed.key_id, &sealed.bytes, &aad).unwrap();
            prop_assert_eq!(opened.as_slice(), secret.as_slice());
        }

        #[test]
        fn one_changed_bit_is_refused(secret: Vec<u8>, nonce: [u8; 12], place: prop::sample::Index, bit in 0_u8..8) {
            let vault = vault(&[("a", 1)]);
            let mut sealed = vault.seal(&secret, b"row", nonce).unwrap();
            let at = place.index(sealed.bytes.len());
            sealed.bytes[at] ^= 1 << bit;
            prop_assert_eq!(vault.open("a", &sealed.bytes, b"row"), Err(OpenError::Refused));
        }
    }
}
