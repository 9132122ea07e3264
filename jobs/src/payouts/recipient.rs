//! From what a payee said to what a rail knows.

use domain::payout_batches::Rail;
use payout_details::{BankAccount, LegalType, PayoutDetails, PaypalReceiver, PaypalWallet, WiseReceiver};
use payout_providers::{Handle, LegalForm, Recipient, Wallet};

/// Who a rail pays by these details; none if it cannot pay so. `name` is what the owner calls the payee.
pub(super) fn recipient(rail: Rail, name: &str, details: &PayoutDetails) -> Option<Recipient> {
    let known = match (rail, details) {
        (Rail::Paypal | Rail::PaypalFile | Rail::File, PayoutDetails::Paypal { wallet, receiver }) => {
            Some(paypal(*wallet, receiver))
        }
        (
            Rail::Wise | Rail::WiseFile | Rail::File,
            PayoutDetails::Wise { holder, legal_type, receiver, .. },
        ) => {
            let form = match legal_type {
                LegalType::Private => LegalForm::Person,
                LegalType::Business => LegalForm::Business,
            };
            match receiver {
                WiseReceiver::Email { email } => {
                    let (name, email) = (holder.clone(), email.as_str().to_owned());
                    Some(Recipient::Email { name, form, email })
                }
                WiseReceiver::Account { account } => bank(holder, form, account),
            }
        }
        (Rail::SepaFile | Rail::File, PayoutDetails::Bank { holder, account }) => {
            bank(holder, LegalForm::Person, account)
        }
        _ => None,
    };
    // A file for people says in words what has no form of its own.
    known.or_else(|| {
        let is_for_people = rail == Rail::File || rail.is_listed();
        is_for_people.then(|| Recipient::ByHand { name: name.to_owned(), details: words(details) })
    })
}

fn paypal(wallet: PaypalWallet, receiver: &PaypalReceiver) -> Recipient {
    let handle = match receiver {
        PaypalReceiver::Email { email } => Handle::Email(email.as_str().to_owned()),
        PaypalReceiver::Phone { phone } => Handle::Phone(phone.as_str().to_owned()),
        PaypalReceiver::PaypalId { paypal_id } => Handle::Account(paypal_id.as_str().to_owned()),
        PaypalReceiver::VenmoHandle { venmo_handle } => Handle::Account(venmo_handle.as_str().to_owned()),
    };
    let wallet = match wallet {
        PaypalWallet::Paypal => Wallet::PayPal,
        PaypalWallet::Venmo => Wallet::Venmo,
    };
    Recipient::PayPal { handle, wallet }
}

/// Providers and SEPA pay to IBANs alone.
fn bank(holder: &str, form: LegalForm, account: &BankAccount) -> Option<Recipient> {
    let BankAccount::Iban { iban, bic } = account else { return None };
    let bic = match bic {
        Some(bic) => Some(bic.as_str().parse().ok()?),
        None => None,
    };
    Some(Recipient::Bank { name: holder.to_owned(), form, iban: iban.as_str().parse().ok()?, bic })
}

/// The details as a person reads them: each field with its name, in the order of names.
fn words(details: &PayoutDetails) -> String {
    if let PayoutDetails::Manual { instructions } = details {
        return instructions.clone();
    }
    let mut said = Vec::new();
    gather(&serde_json::to_value(details).unwrap_or_default(), "", &mut said);
    said.join("; ")
}

fn gather(value: &serde_json::Value, name: &str, said: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                gather(value, name, said);
            }
        }
        serde_json::Value::String(text) => said.push(format!("{}: {text}", name.replace('_', " "))),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use payout_details::{CryptoNetwork, PayoutDetailsInput};

    use super::*;

    fn stored(json: serde_json::Value) -> PayoutDetails {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn each_rail_pays_what_it_knows() {
        let paypal = stored(serde_json::json!({ "kind": "PAYPAL", "wallet": "PAYPAL",
            "receiver": { "type": "EMAIL", "email": "ada@example.com" } }));
        let iban = stored(serde_json::json!({ "kind": "BANK", "holder": "Ada",
            "account": { "form": "IBAN", "iban": "DE89370400440532013000", "bic": null } }));
        let domestic = stored(serde_json::json!({ "kind": "BANK", "holder": "Ada",
            "account": { "form": "GB", "sort_code": "200000", "account_number": "55779911" } }));
        for (rail, details, pays) in [
            (Rail::Paypal, &paypal, true),
            (Rail::PaypalFile, &paypal, true),
            (Rail::Wise, &paypal, false),
            (Rail::SepaFile, &iban, true),
            (Rail::Wise, &iban, false),
            (Rail::SepaFile, &domestic, false),
            (Rail::File, &domestic, true),
        ] {
            assert_eq!(recipient(rail, "Ada", details).is_some(), pays, "{rail} {details:?}");
        }
        let Some(Recipient::ByHand { details, .. }) = recipient(Rail::File, "Ada", &domestic) else {
            panic!("a domestic account is paid by hand");
        };
        assert_eq!(details, "account number: 55779911; form: GB; sort code: 200000; holder: Ada; kind: BANK");
    }

    #[test]
    fn what_is_paid_by_hand_is_said_in_words() {
        let manual = PayoutDetailsInput::Manual { instructions: "Cash, on Fridays".to_owned() };
        let manual = manual.check().unwrap();
        assert_eq!(words(&manual), "Cash, on Fridays");
        let by_hand = Recipient::ByHand { name: "Ada".to_owned(), details: "Cash, on Fridays".to_owned() };
        assert_eq!(recipient(Rail::Manual, "Ada", &manual), Some(by_hand));
        assert!(!CryptoNetwork::Bitcoin.name().is_empty());
    }
}
