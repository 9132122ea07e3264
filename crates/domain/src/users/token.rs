use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ids::IdSource;
use sha2::{Digest, Sha256};

/// A secret in clear, on its one way to whom it belongs. Stored is only its SHA-256: with 256 random bits there is
/// nothing to guess, and a look-up by hash takes the same time whatever is presented. `Debug` keeps it out of logs.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretToken(String);

impl SecretToken {
    /// `prefix` and 256 new random bits, as base64url.
    pub fn random(ids: &IdSource, prefix: &str) -> Self {
        Self::of_bytes(prefix, &ids.secret::<32>())
    }

    pub(super) fn of_bytes(prefix: &str, bytes: &[u8]) -> Self {
        Self(format!("{prefix}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The last four characters, by which people tell secrets apart.
    pub(crate) fn hint(&self) -> String {
        self.0.get(self.0.len().saturating_sub(4)..).unwrap_or_default().to_owned()
    }
}

/// What is stored of a secret, and looked up for a presented one.
pub(crate) fn hash(presented: &str) -> Vec<u8> {
    Sha256::digest(presented.as_bytes()).to_vec()
}

impl fmt::Debug for SecretToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_carry_256_bits_and_hide() {
        let ids = IdSource::seeded(1);
        let (one, two) = (SecretToken::random(&ids, "rfo_live_"), SecretToken::random(&ids, "rfo_live_"));
        assert_ne!(one, two);
        assert_eq!(one.expose().len(), "rfo_live_".len() + 43);
        assert!(one.expose().ends_with(&one.hint()) && one.hint().len() == 4);
        assert_eq!(format!("{one:?}"), "SecretToken(..)");
        assert_ne!(hash(one.expose()), hash(two.expose()));
    }
}
