use std::{fmt, str::FromStr};

use iban::{Iban, IbanLike};

/// Who is paid, and where. Its `Debug` tells the kind and nothing about the person.
#[derive(Clone, PartialEq, Eq)]
pub enum Recipient {
    /// A PayPal or Venmo account.
    PayPal {
        /// How the account is named.
        handle: Handle,
        /// Which of the two wallets.
        wallet: Wallet,
    },
    /// A bank account in a country that has IBANs.
    Bank {
        /// The holder, as the bank knows them.
        name: String,
        /// Whether the holder is a person.
        form: LegalForm,
        /// The account.
        iban: Iban,
        /// The bank, where it must be named (outside the European Economic Area).
        bic: Option<Bic>,
    },
    /// Somebody whom the provider asks for their bank account by email (Wise).
    Email {
        /// The person's or company's full name.
        name: String,
        /// Whether it is a person.
        form: LegalForm,
        /// Where to write.
        email: String,
    },
    /// Anything that only a person can pay: it goes into the generic file alone.
    ByHand {
        /// The payee's name.
        name: String,
        /// Where to pay, in words: a wallet's address and its chain, an account without an IBAN.
        details: String,
    },
}

/// How an account at PayPal or Venmo is named.
#[derive(Clone, PartialEq, Eq)]
pub enum Handle {
    /// The email address of the account.
    Email(String),
    /// Its telephone number, with or without the country.
    Phone(String),
    /// PayPal's own id of the payer, or a Venmo handle.
    Account(String),
}

impl Handle {
    /// The handle itself.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email(text) | Self::Phone(text) | Self::Account(text) => text,
        }
    }
}

/// The two wallets that PayPal pays into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wallet {
    /// PayPal.
    PayPal,
    /// Venmo, in the United States alone.
    Venmo,
}

impl Wallet {
    /// As PayPal writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PayPal => "PAYPAL",
            Self::Venmo => "VENMO",
        }
    }
}

/// Whether the holder of an account is a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegalForm {
    /// A person.
    Person,
    /// A company or another body.
    Business,
}

/// The code of a bank (ISO 9362): 8 or 11 capital letters and digits, such as `DEUTDEFF`.
#[derive(Clone, PartialEq, Eq)]
pub struct Bic(String);

/// A text that is no bank's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the code of a bank: 8 or 11 letters and digits, such as DEUTDEFF")]
pub struct NotABic;

impl Bic {
    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Bic {
    type Err = NotABic;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = text.trim().to_ascii_uppercase();
        let letters = code.len() >= 6 && code.bytes().skip(4).take(2).all(|byte| byte.is_ascii_uppercase());
        let plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        match matches!(code.len(), 8 | 11) && letters && plain {
            true => Ok(Self(code)),
            false => Err(NotABic),
        }
    }
}

impl fmt::Debug for Bic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Email(_) => "Email(•••)",
            Self::Phone(_) => "Phone(•••)",
            Self::Account(_) => "Account(•••)",
        })
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PayPal { handle, wallet } => {
                f.debug_struct("PayPal").field("handle", handle).field("wallet", wallet).finish()
            }
            Self::Bank { iban, .. } => write!(f, "Bank({}•••)", iban.country_code()),
            Self::Email { .. } => f.write_str("Email(•••)"),
            Self::ByHand { .. } => f.write_str("ByHand(•••)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_banks_are_eight_or_eleven() {
        assert_eq!("deutdeff".parse::<Bic>().unwrap().as_str(), "DEUTDEFF");
        assert!("DEUTDEFF500".parse::<Bic>().is_ok());
        for text in ["", "DEUT", "DEUT12FF", "DEUTDEFF5", "DEUTDEÄF"] {
            assert_eq!(text.parse::<Bic>(), Err(NotABic), "{text}");
        }
    }

    #[test]
    fn nothing_about_the_person_is_shown() {
        let shown = [
            Recipient::PayPal { handle: Handle::Email("ann@example.com".into()), wallet: Wallet::PayPal },
            Recipient::Bank {
                name: "Ann".into(),
                form: LegalForm::Person,
                iban: "DE89370400440532013000".parse().unwrap(),
                bic: None,
            },
            Recipient::Email { name: "Ann".into(), form: LegalForm::Person, email: "ann@example.com".into() },
            Recipient::ByHand { name: "Ann".into(), details: "ann".into() },
        ]
        .map(|recipient| format!("{recipient:?}"));
        assert_eq!(
            shown,
            ["PayPal { handle: Email(•••), wallet: PayPal }", "Bank(DE•••)", "Email(•••)", "ByHand(•••)"]
        );
    }
}
