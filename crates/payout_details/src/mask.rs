//! What people see of details: enough to know one's own again, too little to use.

use crate::{BankAccount, Email, PayoutDetails, PaypalReceiver, PaypalWallet, WiseReceiver};

impl PayoutDetails {
    /// A short English label that may be shown and stored in the open: `PayPal a***@example.com`, `DE** **** 3000`,
    /// `US bank account ending 6789`. It has at most the last four characters of a number (fewer of a short one), the first
    /// letter and the host of an address, and no name.
    pub fn masked(&self) -> String {
        match self {
            Self::Paypal { wallet, receiver } => mask_paypal(*wallet, receiver),
            Self::Wise { receiver: WiseReceiver::Email { email }, .. } => {
                format!("Wise {}", mask_email(email))
            }
            Self::Wise { receiver: WiseReceiver::Account { account }, .. } => {
                format!("Wise {}", mask_account(account))
            }
            Self::Bank { account, .. } => mask_account(account),
            Self::StoreCredit { .. } => "Store credit".to_owned(),
            Self::Crypto { network, asset, address, .. } => {
                format!("{asset} on {} ending {}", network.name(), ending(address.as_str()))
            }
            Self::Manual { .. } => "By hand".to_owned(),
        }
    }
}

fn mask_paypal(wallet: PaypalWallet, receiver: &PaypalReceiver) -> String {
    let wallet = match wallet {
        PaypalWallet::Paypal => "PayPal",
        PaypalWallet::Venmo => "Venmo",
    };
    match receiver {
        PaypalReceiver::Email { email } => format!("{wallet} {}", mask_email(email)),
        PaypalReceiver::Phone { phone } => format!("{wallet} phone ending {}", ending(phone.as_str())),
        PaypalReceiver::PaypalId { paypal_id } => {
            format!("{wallet} account ending {}", ending(paypal_id.as_str()))
        }
        PaypalReceiver::VenmoHandle { venmo_handle } => {
            format!("{wallet} {}***", venmo_handle.as_str().chars().take(1).collect::<String>())
        }
    }
}

fn mask_email(email: &Email) -> String {
    let (local, host) = email.as_str().rsplit_once('@').unwrap_or_default();
    format!("{}***@{host}", local.chars().take(1).collect::<String>())
}

fn mask_account(account: &BankAccount) -> String {
    match account {
        BankAccount::Iban { iban, .. } => format!("{}** **** {}", iban.country(), ending(iban.as_str())),
        domestic => format!("{} bank account ending {}", domestic.country(), ending(domestic.number())),
    }
}

/// The last four characters, or the last half of what is shorter than eight.
fn ending(text: &str) -> &str {
    let shown = 4.min(text.len() / 2);
    text.get(text.len() - shown..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn labels() {
        for (stored, label) in [
            (
                json!({"kind": "PAYPAL", "wallet": "PAYPAL", "receiver": {"type": "EMAIL", "email": "ada@example.com"}}),
                "PayPal a***@example.com",
            ),
            (
                json!({"kind": "PAYPAL", "wallet": "PAYPAL", "receiver": {"type": "EMAIL", "email": "ü@example.com"}}),
                "PayPal ü***@example.com",
            ),
            (
                json!({"kind": "PAYPAL", "wallet": "VENMO", "receiver": {"type": "PHONE", "phone": "+14085550123"}}),
                "Venmo phone ending 0123",
            ),
            (
                json!({"kind": "PAYPAL", "wallet": "PAYPAL",
                    "receiver": {"type": "PAYPAL_ID", "paypal_id": "99C7UJYT3UA6E"}}),
                "PayPal account ending UA6E",
            ),
            (
                json!({"kind": "PAYPAL", "wallet": "VENMO",
                    "receiver": {"type": "VENMO_HANDLE", "venmo_handle": "ada-lovelace"}}),
                "Venmo a***",
            ),
            (
                json!({"kind": "BANK", "holder": "Ada",
                    "account": {"form": "IBAN", "iban": "DE89370400440532013000", "bic": null}}),
                "DE** **** 3000",
            ),
            (
                json!({"kind": "BANK", "holder": "Ada", "account": {"form": "US", "routing_number": "021000021",
                    "account_number": "123456789", "account_type": "SAVINGS"}}),
                "US bank account ending 6789",
            ),
            (
                json!({"kind": "BANK", "holder": "Ada",
                    "account": {"form": "AU", "bsb": "062000", "account_number": "12345"}}),
                "AU bank account ending 45",
            ),
            (
                json!({"kind": "WISE", "holder": "Ada", "legal_type": "PRIVATE", "currency": "EUR",
                    "receiver": {"type": "EMAIL", "email": "ada@example.com"}}),
                "Wise a***@example.com",
            ),
            (
                json!({"kind": "WISE", "holder": "Ada", "legal_type": "PRIVATE", "currency": "EUR", "receiver": {
                    "type": "ACCOUNT", "account": {"form": "IBAN", "iban": "BE68539007547034", "bic": null}}}),
                "Wise BE** **** 7034",
            ),
            (json!({"kind": "STORE_CREDIT", "reference": "ada@example.com"}), "Store credit"),
            (
                json!({"kind": "CRYPTO", "network": "ETHEREUM", "asset": "USDC", "holder": "Ada",
                    "address": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"}),
                "USDC on Ethereum ending eAed",
            ),
            (json!({"kind": "MANUAL", "instructions": "By cheque"}), "By hand"),
        ] {
            assert_eq!(serde_json::from_value::<PayoutDetails>(stored).unwrap().masked(), label);
        }
    }
}
