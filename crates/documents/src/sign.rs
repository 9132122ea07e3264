//! Papers that anyone can verify: canonical JSON (RFC 8785) and an Ed25519 signature (RFC 8032) beside it.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde::Serialize;
use serde_json::Value;
use zeroize::Zeroizing;

/// The bytes of an Ed25519 key before its 32 bytes, in DER (RFC 8410, section 4).
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Above it, JSON readers that compute with doubles mix integers up (RFC 8259, section 6).
const GREATEST_EXACT: u64 = (1 << 53) - 1;

/// A named key that signs.
pub struct SigningKey {
    id: String,
    pair: Ed25519KeyPair,
}

/// What was signed, and by which key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The canonical JSON: exactly these bytes were signed.
    pub json: Vec<u8>,
    /// The id of the key.
    pub key_id: String,
    /// The signature, 64 bytes.
    pub signature: Vec<u8>,
}

/// Why a text is no key. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SigningKeyError {
    /// There is no `:` after an id of letters, digits, dots, dashes and underscores.
    #[error("the key is not of the form id:base64")]
    NotAPair,
    /// The seed is not standard base64 with padding.
    #[error("the seed is not base64")]
    NotBase64,
    /// The seed is not of 32 bytes.
    #[error("the seed does not have 32 bytes")]
    WrongLength,
}

/// Why a value cannot be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// It cannot be written as JSON.
    #[error(transparent)]
    NotJson(#[from] serde_json::Error),
    /// It holds a number that readers would take for another one: a fraction, or an integer beyond 2^53. Write it as text.
    #[error("a number is not a small integer and must be written as text")]
    InexactNumber,
}

/// A key of the form `id:base64`, with a seed of 32 bytes (`openssl rand -base64 32`).
impl FromStr for SigningKey {
    type Err = SigningKeyError;

    fn from_str(text: &str) -> Result<Self, SigningKeyError> {
        let (id, seed) = text.trim().split_once(':').ok_or(SigningKeyError::NotAPair)?;
        let is_of_id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if id.is_empty() || !id.chars().all(is_of_id) {
            return Err(SigningKeyError::NotAPair);
        }
        let seed = Zeroizing::new(STANDARD.decode(seed).map_err(|_| SigningKeyError::NotBase64)?);
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| SigningKeyError::WrongLength)?;
        Ok(Self { id: id.to_owned(), pair })
    }
}

impl SigningKey {
    /// The id of the key.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What verifies its signatures, as PEM (SubjectPublicKeyInfo):
    /// `openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in statement.json -sigfile statement.sig`.
    pub fn public_key_pem(&self) -> String {
        let der = [&SPKI_PREFIX, self.pair.public_key().as_ref()].concat();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
    }

    /// The canonical JSON of the value, signed.
    ///
    /// # Errors
    /// When the value is not JSON, or holds a number that is not exact for every reader.
    pub fn sign(&self, value: &impl Serialize) -> Result<Signed, SignError> {
        let json = canonical_json(value)?;
        let signature = self.pair.sign(&json).as_ref().to_vec();
        Ok(Signed { json, key_id: self.id.clone(), signature })
    }
}

/// The canonical JSON (RFC 8785) of the value: what is signed where there is a key.
///
/// # Errors
/// When the value is not JSON, or holds a number that is not exact for every reader.
pub fn canonical_json(value: &impl Serialize) -> Result<Vec<u8>, SignError> {
    let value = serde_json::to_value(value)?;
    if !is_exact(&value) {
        return Err(SignError::InexactNumber);
    }
    Ok(serde_json_canonicalizer::to_vec(&value)?)
}

fn is_exact(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => {
            let magnitude = number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64());
            magnitude.is_some_and(|magnitude| magnitude <= GREATEST_EXACT)
        }
        Value::Array(items) => items.iter().all(is_exact),
        Value::Object(fields) => fields.values().all(is_exact),
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key(seed: [u8; 32]) -> SigningKey {
        format!("2026:{}", STANDARD.encode(seed)).parse().unwrap()
    }

    /// The first test of RFC 8032, section 7.1: its seed and its public key.
    #[test]
    fn a_known_key() {
        let bytes = |hex: &str| -> Vec<u8> {
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
        };
        let seed = bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        let public = bytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        let pem = key(seed.try_into().unwrap()).public_key_pem();
        let der = STANDARD.decode(pem.lines().nth(1).unwrap()).unwrap();
        assert_eq!(der[12..], public);
    }

    #[test]
    fn the_json_is_canonical_whatever_the_order() {
        let signed = key([1; 32]).sign(&json!({"b": ["é", 1, null], "a": {"z": "1.50", "y": true}})).unwrap();
        assert_eq!(
            String::from_utf8(signed.json).unwrap(),
            r#"{"a":{"y":true,"z":"1.50"},"b":["é",1,null]}"#
        );
        assert_eq!((signed.key_id.as_str(), signed.signature.len()), ("2026", 64));
    }

    #[test]
    fn numbers_that_readers_mix_up_are_refused() {
        let key = key([1; 32]);
        for exact in [json!(0), json!(-9_007_199_254_740_991_i64), json!({"a": [9_007_199_254_740_991_u64]})]
        {
            assert!(key.sign(&exact).is_ok(), "{exact}");
        }
        for inexact in [json!(1.5), json!(1.0), json!([9_007_199_254_740_992_u64]), json!({"a": i64::MIN})] {
            assert!(matches!(key.sign(&inexact), Err(SignError::InexactNumber)), "{inexact}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused_and_no_key_is_shown() {
        let seed = STANDARD.encode([1; 32]);
        for (text, error) in [
            (seed.clone(), SigningKeyError::NotAPair),
            (format!(":{seed}"), SigningKeyError::NotAPair),
            (format!("a b:{seed}"), SigningKeyError::NotAPair),
            ("a:?".to_owned(), SigningKeyError::NotBase64),
            (format!("a:{}", STANDARD.encode([1; 31])), SigningKeyError::WrongLength),
        ] {
            assert_eq!(text.parse::<SigningKey>().unwrap_err(), error, "{text}");
        }
        assert_eq!(format!("{:?}", key([1; 32])), r#"SigningKey { id: "2026", .. }"#);
    }
}
