use std::{fmt, str::FromStr};

use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::BASE64_URL_SAFE_NO_PAD,
};
use hmac::{Hmac, KeyInit, Mac};
use ids::{AccountId, FileId, InviteId, UserId};
use sha2::Sha256;

use super::token::SecretToken;

/// Fewer bytes than this can be guessed, or were typed.
const KEY_BYTES: usize = 32;

/// The instance's secret key: links in emails are derived from it. Changing it makes the links that are under way void,
/// nothing else.
#[derive(Clone)]
pub struct Secrets(Hmac<Sha256>);

/// The text is no secret key. Says nothing about the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSecretKey {
    /// Not base64 or hex.
    #[error("it must be written in base64 or hex, e.g. the output of `openssl rand -base64 32`")]
    Unreadable,
    /// Too few bytes.
    #[error("it must have at least {KEY_BYTES} bytes, e.g. the output of `openssl rand -base64 32`")]
    TooShort,
}

impl Secrets {
    /// Reads `REFERO_SECRET_KEY`.
    ///
    /// # Errors
    /// When it is missing, unreadable or too short; the sentence says how to make one.
    pub fn from_env() -> anyhow::Result<Self> {
        let key = env::var_parsed("REFERO_SECRET_KEY")?;
        key.ok_or_else(|| {
            anyhow::anyhow!(
                "REFERO_SECRET_KEY must be set: at least {KEY_BYTES} random bytes in base64 or hex, e.g. the output \
                 of `openssl rand -base64 32` (see .env.sample)"
            )
        })
    }

    /// The token of the link that verifies a user's address. Not stored: derived when the email is rendered.
    pub fn verification_token(&self, user_id: UserId, rotation: i32) -> SecretToken {
        self.derive(&format!("user_verify:{user_id}:{rotation}"))
    }

    /// The token of the link that lets a user choose another password. Not stored: derived when the email is rendered.
    pub fn reset_token(&self, user_id: UserId, rotation: i32) -> SecretToken {
        self.derive(&format!("password_reset:{user_id}:{rotation}"))
    }

    /// The token of the link that proves another address of a user. Not stored: derived when the email is rendered.
    pub fn email_token(&self, user_id: UserId, rotation: i32) -> SecretToken {
        self.derive(&format!("email_change:{user_id}:{rotation}"))
    }

    /// The token of the link that accepts an invite. Not stored: derived when the email is rendered.
    pub fn invite_token(&self, invite_id: InviteId, rotation: i32) -> SecretToken {
        self.derive(&format!("invite:{invite_id}:{rotation}"))
    }

    /// The signature of a link that shows a file of an account until `expires`, in seconds since 1970.
    pub fn file_signature(&self, account_id: AccountId, file_id: FileId, expires: i64) -> SecretToken {
        self.derive(&file_words(account_id, file_id, expires))
    }

    /// Whether that is the signature of such a link. Takes the same time wherever it differs.
    pub fn signed_file(&self, account_id: AccountId, file_id: FileId, expires: i64, signature: &str) -> bool {
        let mut mac = self.0.clone();
        mac.update(file_words(account_id, file_id, expires).as_bytes());
        BASE64_URL_SAFE_NO_PAD.decode(signature).is_ok_and(|bytes| mac.verify_slice(&bytes).is_ok())
    }

    fn derive(&self, words: &str) -> SecretToken {
        let mut mac = self.0.clone();
        mac.update(words.as_bytes());
        SecretToken::of_bytes("", &mac.finalize().into_bytes())
    }
}

fn file_words(account_id: AccountId, file_id: FileId, expires: i64) -> String {
    format!("file:{account_id}:{file_id}:{expires}")
}

impl FromStr for Secrets {
    type Err = BadSecretKey;

    fn from_str(text: &str) -> Result<Self, BadSecretKey> {
        let bytes = decode(text.trim()).ok_or(BadSecretKey::Unreadable)?;
        if bytes.len() < KEY_BYTES {
            return Err(BadSecretKey::TooShort);
        }
        Hmac::new_from_slice(&bytes).map(Self).map_err(|_| BadSecretKey::Unreadable)
    }
}

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// Hex if it can be hex: 64 hex digits are base64 too, but nobody means that.
fn decode(text: &str) -> Option<Vec<u8>> {
    let digit = |c: &u8| char::from(*c).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    if text.len().is_multiple_of(2)
        && let Some(digits) = text.as_bytes().iter().map(digit).collect::<Option<Vec<_>>>()
    {
        return Some(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect());
    }
    [STANDARD, URL_SAFE].iter().find_map(|alphabet| GeneralPurpose::new(alphabet, LENIENT).decode(text).ok())
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";

    #[test]
    fn keys_are_read_in_any_spelling() {
        let bytes = decode(HEX).unwrap();
        assert_eq!(bytes.len(), 32);
        let padded = "ABEiM0RVZneImaq7zN3u/wARIjNEVWZ3iJmqu8zd7v8=";
        for text in [padded, padded.trim_end_matches('='), &padded.replace('/', "_")] {
            assert_eq!(decode(text), Some(bytes.clone()), "{text}");
        }
    }

    #[test]
    fn weak_keys_are_refused() {
        for (text, expected) in [
            ("", BadSecretKey::TooShort),
            ("secret", BadSecretKey::Unreadable),
            ("c2hvcnQ=", BadSecretKey::TooShort),
            (&HEX[2..], BadSecretKey::TooShort),
            ("not a key, but a sentence of some length, with blanks", BadSecretKey::Unreadable),
        ] {
            assert_eq!(text.parse::<Secrets>().unwrap_err(), expected, "{text}");
        }
    }

    #[test]
    fn tokens_depend_on_key_user_and_rotation() {
        let ids = ids::IdSource::seeded(1);
        let (ada, bob): (UserId, UserId) =
            (ids.next(chrono::DateTime::UNIX_EPOCH), ids.next(chrono::DateTime::UNIX_EPOCH));
        let secrets: Secrets = HEX.parse().unwrap();
        let other: Secrets = HEX.replace('0', "1").parse().unwrap();
        let token = secrets.verification_token(ada, 1);
        assert_eq!(token, secrets.verification_token(ada, 1));
        assert_ne!(token, secrets.verification_token(ada, 2));
        assert_ne!(token, secrets.verification_token(bob, 1));
        assert_ne!(token, other.verification_token(ada, 1));
        assert_ne!(token, secrets.reset_token(ada, 1));
        assert_ne!(token, secrets.email_token(ada, 1));
        assert_ne!(secrets.email_token(ada, 1), secrets.reset_token(ada, 1));
        assert_eq!(format!("{secrets:?}"), "Secrets(..)");
    }

    #[test]
    fn a_file_is_signed_for_an_account_and_a_time() {
        let (ids, now) = (ids::IdSource::seeded(1), chrono::DateTime::UNIX_EPOCH);
        let (ours, theirs): (AccountId, AccountId) = (ids.next(now), ids.next(now));
        let (file, other): (FileId, FileId) = (ids.next(now), ids.next(now));
        let secrets: Secrets = HEX.parse().unwrap();
        let signature = secrets.file_signature(ours, file, 600);
        let is_signed =
            |account, file, expires| secrets.signed_file(account, file, expires, signature.expose());
        assert!(is_signed(ours, file, 600));
        assert!(!is_signed(theirs, file, 600) && !is_signed(ours, other, 600) && !is_signed(ours, file, 601));
        assert!(!secrets.signed_file(ours, file, 600, "") && !secrets.signed_file(ours, file, 600, "%%"));
    }
}
