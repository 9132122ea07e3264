use serde_json::json;

use super::*;
use crate::UsAccountType;

fn text(text: &str) -> String {
    text.to_owned()
}

fn bank(account: BankAccountInput) -> PayoutDetailsInput {
    PayoutDetailsInput::Bank { holder: text("Ada Lovelace"), account }
}

fn iban(iban: &str, bic: Option<&str>) -> BankAccountInput {
    BankAccountInput::Iban { iban: text(iban), bic: bic.map(text) }
}

fn us(routing_number: &str, account_number: &str) -> BankAccountInput {
    let account_type = UsAccountType::Checking;
    BankAccountInput::Us {
        routing_number: text(routing_number),
        account_number: text(account_number),
        account_type,
    }
}

fn wise(currency: Currency, receiver: WiseReceiverInput) -> PayoutDetailsInput {
    PayoutDetailsInput::Wise { holder: text("Ada"), legal_type: LegalType::Private, currency, receiver }
}

fn refused(path: &[&'static str], problem: DetailsProblem) -> RefusedField {
    RefusedField { path: path.to_vec(), problem }
}

#[test]
fn what_is_stored_can_be_read_again_and_has_this_form() {
    for (input, stored) in [
        (
            PayoutDetailsInput::Paypal {
                wallet: PaypalWallet::Paypal,
                receiver: PaypalReceiverInput::Email(text(" ada@example.com ")),
            },
            json!({"kind": "PAYPAL", "wallet": "PAYPAL", "receiver": {"type": "EMAIL", "email": "ada@example.com"}}),
        ),
        (
            wise(Currency::USD, WiseReceiverInput::Account(us("021000021", "123-456-789"))),
            json!({"kind": "WISE", "holder": "Ada", "legal_type": "PRIVATE", "currency": "USD", "receiver": {
                "type": "ACCOUNT", "account": {"form": "US", "routing_number": "021000021",
                    "account_number": "123456789", "account_type": "CHECKING"}}}),
        ),
        (
            bank(iban("de89 3704 0044 0532 0130 00", Some(" "))),
            json!({"kind": "BANK", "holder": "Ada Lovelace",
                "account": {"form": "IBAN", "iban": "DE89370400440532013000", "bic": null}}),
        ),
        (
            PayoutDetailsInput::StoreCredit { reference: None },
            json!({"kind": "STORE_CREDIT", "reference": null}),
        ),
        (
            PayoutDetailsInput::Crypto {
                network: CryptoNetwork::Tron,
                asset: text("usdt"),
                address: text("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
                holder: text("Ada"),
            },
            json!({"kind": "CRYPTO", "network": "TRON", "asset": "USDT",
                "address": "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "holder": "Ada"}),
        ),
        (
            PayoutDetailsInput::Manual { instructions: text("By cheque,\nplease") },
            json!({"kind": "MANUAL", "instructions": "By cheque,\nplease"}),
        ),
    ] {
        let details = input.check().unwrap();
        assert_eq!(serde_json::to_value(&details).unwrap(), stored);
        assert_eq!(serde_json::from_value::<PayoutDetails>(stored.clone()).unwrap(), details);
        assert_eq!(stored["kind"], details.kind().as_str());
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let account = us("021000022", "12x");
    let input = PayoutDetailsInput::Bank { holder: text(" "), account: account.clone() };
    let expected = |outer: &[&'static str]| {
        let below = |field| [outer, &[field]].concat();
        vec![
            refused(&["holder"], DetailsProblem::Missing),
            refused(&below("routingNumber"), DetailsProblem::WrongChecksum),
            refused(&below("accountNumber"), DetailsProblem::Malformed),
        ]
    };
    assert_eq!(input.check().unwrap_err(), expected(&["account"]));

    let receiver = WiseReceiverInput::Account(account);
    let input = PayoutDetailsInput::Wise {
        holder: text(""),
        legal_type: LegalType::Business,
        currency: Currency::USD,
        receiver,
    };
    assert_eq!(input.check().unwrap_err(), expected(&["receiver", "account"]));
}

#[test]
fn the_bank_is_in_the_country_of_the_account() {
    assert!(bank(iban("DE89370400440532013000", Some("DEUTDEFF"))).check().is_ok());
    assert!(bank(iban("GB29NWBK60161331926819", Some("BARCJESH"))).check().is_ok());
    let problem = refused(&["account", "bic"], DetailsProblem::OtherCountry);
    assert_eq!(bank(iban("DE89370400440532013000", Some("BKAUATWW"))).check().unwrap_err(), [problem]);
    let problems = [
        refused(&["account", "iban"], DetailsProblem::WrongChecksum),
        refused(&["account", "bic"], DetailsProblem::UnknownCountry),
    ];
    assert_eq!(bank(iban("DE89370400440532013001", Some("DEUTZZFF"))).check().unwrap_err(), problems);
}

#[test]
fn a_domestic_account_takes_its_own_currency() {
    let account = || WiseReceiverInput::Account(us("021000021", "123456789"));
    let problem = DetailsProblem::OtherCurrency { expected: Currency::USD };
    assert_eq!(wise(Currency::EUR, account()).check().unwrap_err(), [refused(&["currency"], problem)]);
    let by_email = wise(Currency::EUR, WiseReceiverInput::Email(text("a@b.co"))).check().unwrap();
    assert_eq!((by_email.currency(), by_email.country()), (Some(Currency::EUR), None));
}

#[test]
fn every_form_of_account_is_taken_and_has_a_country() {
    for (account, country, currency) in [
        (iban("FR1420041010050500013M02606", None), "FR", None),
        (us("026009593", "1234"), "US", Some(Currency::USD)),
        (
            BankAccountInput::Gb { sort_code: text("60-16-13"), account_number: text("31926819") },
            "GB",
            Some(Currency::GBP),
        ),
        (
            BankAccountInput::Ca {
                institution_number: text("004"),
                transit_number: text("10202"),
                account_number: text("1234567"),
            },
            "CA",
            Some(Currency::CAD),
        ),
        (
            BankAccountInput::Au { bsb: text("062-000"), account_number: text("12345678") },
            "AU",
            Some(Currency::AUD),
        ),
        (
            BankAccountInput::In { ifsc: text("SBIN0005943"), account_number: text("123456789") },
            "IN",
            Some(Currency::INR),
        ),
        (BankAccountInput::Swift { bic: text("MHCBJPJT"), account_number: text("1234567") }, "JP", None),
    ] {
        let details = bank(account).check().unwrap();
        assert_eq!((details.country(), details.currency()), (Some(country), currency));
    }
}

#[test]
fn long_and_broken_lines_are_refused() {
    let manual = |instructions: String| PayoutDetailsInput::Manual { instructions }.check().unwrap_err();
    let too_long = DetailsProblem::TooLong { limit: 2_000 };
    assert_eq!(manual("x".repeat(2_001)), [refused(&["instructions"], too_long)]);
    assert_eq!(manual(text("a\u{7}b")), [refused(&["instructions"], DetailsProblem::Malformed)]);
    let credit = PayoutDetailsInput::StoreCredit { reference: Some(text("a\nb")) };
    assert_eq!(credit.check().unwrap_err(), [refused(&["reference"], DetailsProblem::Malformed)]);
}

#[test]
fn debug_shows_no_details() {
    let input = bank(iban("DE89370400440532013000", Some("DEUTDEFF")));
    let details = input.check().unwrap();
    assert_eq!(format!("{details:?}"), "PayoutDetails(BANK, ..)");
    let PayoutDetails::Bank { account, .. } = &details else { panic!("a bank account") };
    let shown = format!("{input:?} {details:?} {account:?}");
    for secret in ["DE89", "3000", "Ada", "DEUT"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
