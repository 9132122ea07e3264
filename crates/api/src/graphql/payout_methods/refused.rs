use payout_details::{BankAccountInput, DetailsProblem, PayoutDetailsInput, RefusedField, WiseReceiverInput};

use crate::graphql::error::{UserError, UserErrorCode};

/// What is wrong with details, each where it stands in the input.
pub(super) fn errors(said: &PayoutDetailsInput, refused: &[RefusedField]) -> Vec<UserError> {
    refused.iter().map(|one| error(said, one)).collect()
}

fn error(said: &PayoutDetailsInput, refused: &RefusedField) -> UserError {
    let (code, sentence) = words(refused.problem);
    let mut path = vec!["input", kind(said)];
    for field in &refused.path {
        path.push(field);
        // An input names the form of an account, of which the details know by themselves.
        path.extend(form(said).filter(|_| *field == "account"));
    }
    UserError::at(&path, code, sentence)
}

fn kind(said: &PayoutDetailsInput) -> &'static str {
    match said {
        PayoutDetailsInput::Paypal { .. } => "paypal",
        PayoutDetailsInput::Wise { .. } => "wise",
        PayoutDetailsInput::Bank { .. } => "bank",
        PayoutDetailsInput::StoreCredit { .. } => "storeCredit",
        PayoutDetailsInput::Crypto { .. } => "crypto",
        PayoutDetailsInput::Manual { .. } => "manual",
    }
}

fn form(said: &PayoutDetailsInput) -> Option<&'static str> {
    let (PayoutDetailsInput::Bank { account, .. }
    | PayoutDetailsInput::Wise { receiver: WiseReceiverInput::Account(account), .. }) = said
    else {
        return None;
    };
    Some(match account {
        BankAccountInput::Iban { .. } => "iban",
        BankAccountInput::Us { .. } => "us",
        BankAccountInput::Gb { .. } => "gb",
        BankAccountInput::Ca { .. } => "ca",
        BankAccountInput::Au { .. } => "au",
        BankAccountInput::In { .. } => "in",
        BankAccountInput::Swift { .. } => "swift",
    })
}

fn words(problem: DetailsProblem) -> (UserErrorCode, String) {
    use DetailsProblem as P;
    match problem {
        P::Missing => (UserErrorCode::Required, "This must be given.".to_owned()),
        P::TooLong { limit } => (UserErrorCode::TooLong, format!("At most {limit} are allowed.")),
        P::Malformed => (UserErrorCode::Invalid, "This is not a valid value.".to_owned()),
        P::WrongChecksum => {
            (UserErrorCode::Invalid, "The check digits do not match: most likely a typing error.".to_owned())
        }
        P::UnknownCountry => (UserErrorCode::Invalid, "No bank of that country is named so.".to_owned()),
        P::OtherCountry => {
            (UserErrorCode::Invalid, "The bank is in another country than the account.".to_owned())
        }
        P::OtherCurrency { expected } => {
            (UserErrorCode::CurrencyMismatch, format!("Accounts of this kind are kept in {expected}."))
        }
        P::OtherWallet => {
            (UserErrorCode::Invalid, "The wallet cannot be reached by a receiver of this kind.".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(said: &PayoutDetailsInput) -> Vec<String> {
        let refused = said.check().unwrap_err();
        errors(said, &refused).into_iter().map(|error| error.field.unwrap().join(".")).collect()
    }

    #[test]
    fn a_problem_is_told_where_it_stands_in_the_input() {
        let account = || BankAccountInput::Iban { iban: "DE89 3704 0044 0532 0130 01".to_owned(), bic: None };
        let bank = PayoutDetailsInput::Bank { holder: " ".to_owned(), account: account() };
        assert_eq!(paths(&bank), ["input.bank.holder", "input.bank.account.iban.iban"]);
        let wise = PayoutDetailsInput::Wise {
            holder: "Ada".to_owned(),
            legal_type: payout_details::LegalType::Private,
            currency: money::Currency::EUR,
            receiver: WiseReceiverInput::Account(BankAccountInput::Us {
                routing_number: "1".to_owned(),
                account_number: "12345678".to_owned(),
                account_type: payout_details::UsAccountType::Checking,
            }),
        };
        assert_eq!(paths(&wise), ["input.wise.receiver.account.us.routingNumber"]);
        let crypto = PayoutDetailsInput::Crypto {
            network: payout_details::CryptoNetwork::Tron,
            asset: "USDT".to_owned(),
            address: "no address".to_owned(),
            holder: "Ada".to_owned(),
        };
        assert_eq!(paths(&crypto), ["input.crypto.address"]);
    }
}
