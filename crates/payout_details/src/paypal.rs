//! How PayPal knows a payee (Payouts API: `recipient_type` and `recipient_wallet`).

use money::Currency;
use serde::{Deserialize, Serialize};

use crate::{
    DetailsProblem, Email, Phone,
    check::{Checks, compact, line},
    checked_text::checked_text,
    words::words,
};

/// The currencies that PayPal pays.
/// Source: <https://developer.paypal.com/api/rest/reference/currency-codes/>.
const CURRENCIES: [&str; 25] = [
    "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "ILS", "JPY", "MXN", "MYR",
    "NOK", "NZD", "PHP", "PLN", "RUB", "SEK", "SGD", "THB", "TWD", "USD",
];

/// Currencies that have minor units in ISO 4217 and none at PayPal.
/// Source: <https://developer.paypal.com/api/rest/reference/currency-codes/>.
const WHOLE: [&str; 3] = ["HUF", "JPY", "TWD"];

/// Whether PayPal pays money of this currency.
pub fn paypal_pays(currency: Currency) -> bool {
    CURRENCIES.contains(&currency.as_str())
}

/// Whether PayPal pays whole units of this currency alone.
pub fn paypal_pays_whole(currency: Currency) -> bool {
    WHOLE.contains(&currency.as_str())
}

words! {
    /// In which of PayPal's wallets the money arrives.
    PaypalWallet {
        /// PayPal itself.
        Paypal = "PAYPAL",
        /// Venmo: people in the United States, in dollars.
        Venmo = "VENMO",
    }
}

checked_text! {
    /// The encrypted number of a PayPal account, as PayPal gives it out: 13 of `2` to `9` and `A` to `Z` without `I` and `O`.
    PaypalId
}

checked_text! {
    /// A name at Venmo, without its `@`: 5 to 30 letters, digits, hyphens and underscores.
    VenmoHandle
}

/// Who receives the money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaypalReceiver {
    /// Whose account has this address.
    Email {
        /// The address.
        email: Email,
    },
    /// Whose account has this telephone number.
    Phone {
        /// The number.
        phone: Phone,
    },
    /// The PayPal account of this id.
    PaypalId {
        /// The id.
        paypal_id: PaypalId,
    },
    /// The Venmo account of this name.
    VenmoHandle {
        /// The name.
        venmo_handle: VenmoHandle,
    },
}

/// Who receives the money, as it was said.
#[derive(Clone, PartialEq, Eq)]
pub enum PaypalReceiverInput {
    /// An email address.
    Email(String),
    /// A telephone number with its country's code.
    Phone(String),
    /// A PayPal account's id.
    PaypalId(String),
    /// A name at Venmo, with or without its `@`.
    VenmoHandle(String),
}

impl PaypalId {
    /// The id in upper case.
    ///
    /// # Errors
    /// When it has not the form of one.
    pub fn parse(text: &str) -> Result<Self, DetailsProblem> {
        let text = compact(text)?;
        let is_id = |byte| matches!(byte, b'2'..=b'9' | b'A'..=b'H' | b'J'..=b'N' | b'P'..=b'Z');
        if text.len() == 13 && text.bytes().all(is_id) {
            Ok(Self(text))
        } else {
            Err(DetailsProblem::Malformed)
        }
    }
}

impl VenmoHandle {
    /// The name without its `@`.
    ///
    /// # Errors
    /// When it has not the form of one.
    pub fn parse(text: &str) -> Result<Self, DetailsProblem> {
        let text = line(text, 31)?;
        let name = text.strip_prefix('@').unwrap_or(&text);
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let is_name = (5..=30).contains(&name.len()) && name.chars().all(is_of_name);
        if is_name { Ok(Self(name.to_owned())) } else { Err(DetailsProblem::Malformed) }
    }
}

impl PaypalReceiverInput {
    /// The receiver, if the wallet can be reached so: Venmo not by a PayPal id, nor by a foreign telephone number.
    pub(crate) fn check(&self, wallet: PaypalWallet, checks: &mut Checks) -> Option<PaypalReceiver> {
        let is_venmo = wallet == PaypalWallet::Venmo;
        let (field, receiver, reaches) = match self {
            Self::Email(text) => (
                "email",
                checks.take("email", Email::parse(text)).map(|email| PaypalReceiver::Email { email }),
                true,
            ),
            Self::Phone(text) => {
                let phone = checks.take("phone", Phone::parse(text));
                let reaches =
                    !is_venmo || phone.as_ref().is_none_or(|phone| phone.as_str().starts_with("+1"));
                ("phone", phone.map(|phone| PaypalReceiver::Phone { phone }), reaches)
            }
            Self::PaypalId(text) => {
                let id = checks.take("paypalId", PaypalId::parse(text));
                ("paypalId", id.map(|paypal_id| PaypalReceiver::PaypalId { paypal_id }), !is_venmo)
            }
            Self::VenmoHandle(text) => {
                let name = checks.take("venmoHandle", VenmoHandle::parse(text));
                (
                    "venmoHandle",
                    name.map(|venmo_handle| PaypalReceiver::VenmoHandle { venmo_handle }),
                    is_venmo,
                )
            }
        };
        if !reaches {
            checks.refuse(field, DetailsProblem::OtherWallet);
        }
        receiver
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_names() {
        assert_eq!(PaypalId::parse("fsmrbanciv2g2").unwrap_err(), DetailsProblem::Malformed, "an I");
        assert_eq!(PaypalId::parse("99c7ujyt3ua6e").unwrap().as_str(), "99C7UJYT3UA6E");
        assert_eq!(VenmoHandle::parse("@Ada-Lovelace").unwrap().as_str(), "Ada-Lovelace");
        for bad in ["@ada", "ada lovelace", "ada@example.com"] {
            assert_eq!(VenmoHandle::parse(bad), Err(DetailsProblem::Malformed), "{bad}");
        }
    }

    #[test]
    fn each_wallet_has_its_receivers() {
        use PaypalReceiverInput::{Email, PaypalId, Phone, VenmoHandle};
        use PaypalWallet::{Paypal, Venmo};
        for (wallet, input, reaches) in [
            (Paypal, Email("a@b.co".to_owned()), true),
            (Paypal, Phone("+4930123456".to_owned()), true),
            (Paypal, PaypalId("99C7UJYT3UA6E".to_owned()), true),
            (Paypal, VenmoHandle("ada-lovelace".to_owned()), false),
            (Venmo, Email("a@b.co".to_owned()), true),
            (Venmo, Phone("+14085550123".to_owned()), true),
            (Venmo, Phone("+4930123456".to_owned()), false),
            (Venmo, PaypalId("99C7UJYT3UA6E".to_owned()), false),
            (Venmo, VenmoHandle("ada-lovelace".to_owned()), true),
        ] {
            let mut checks = Checks::default();
            let receiver = input.check(wallet, &mut checks);
            let problems: Vec<_> = checks.done(receiver).err().into_iter().flatten().collect();
            assert_eq!(problems.is_empty(), reaches, "{wallet}");
            assert!(problems.iter().all(|refused| refused.problem == DetailsProblem::OtherWallet));
        }
    }
}
