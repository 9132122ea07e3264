use async_graphql::{Enum, InputObject, OneofObject};
use payout_details::BankAccountInput as Account;

/// A bank account in the form of its country: exactly one of them.
#[derive(OneofObject)]
pub enum BankAccountInput {
    /// In a country with IBANs.
    Iban(IbanAccountInput),
    /// In the United States, in dollars.
    Us(UsAccountInput),
    /// In the United Kingdom, in pounds.
    Gb(GbAccountInput),
    /// In Canada, in Canadian dollars.
    Ca(CaAccountInput),
    /// In Australia, in Australian dollars.
    Au(AuAccountInput),
    /// In India, in rupees.
    In(InAccountInput),
    /// Anywhere else.
    Swift(SwiftAccountInput),
}

/// An account in a country with IBANs.
#[derive(InputObject)]
pub struct IbanAccountInput {
    /// The account; blanks do not matter. Country, length and check digits are verified.
    iban: String,
    /// The bank, where a transfer still asks for it: 8 or 11 letters and digits, of the country of the IBAN.
    bic: Option<String>,
}

/// What kind of account it is in the United States: transfers there name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "payout_details::UsAccountType")]
pub enum UsAccountType {
    /// For payments.
    Checking,
    /// For savings.
    Savings,
}

/// An account in the United States.
#[derive(InputObject)]
pub struct UsAccountInput {
    /// The bank: 9 digits, of which the last is verified.
    routing_number: String,
    /// The account: 4 to 17 digits.
    account_number: String,
    /// Its kind.
    #[graphql(default_with = "UsAccountType::Checking")]
    account_type: UsAccountType,
}

/// An account in the United Kingdom.
#[derive(InputObject)]
pub struct GbAccountInput {
    /// The branch: 6 digits.
    sort_code: String,
    /// The account: 8 digits.
    account_number: String,
}

/// An account in Canada.
#[derive(InputObject)]
pub struct CaAccountInput {
    /// The bank: 3 digits.
    institution_number: String,
    /// The branch: 5 digits.
    transit_number: String,
    /// The account: 5 to 12 digits.
    account_number: String,
}

/// An account in Australia.
#[derive(InputObject)]
pub struct AuAccountInput {
    /// The branch: 6 digits.
    bsb: String,
    /// The account: 4 to 9 digits.
    account_number: String,
}

/// An account in India.
#[derive(InputObject)]
pub struct InAccountInput {
    /// The branch: 11 letters and digits.
    ifsc: String,
    /// The account: 9 to 18 digits.
    account_number: String,
}

/// An account anywhere else.
#[derive(InputObject)]
pub struct SwiftAccountInput {
    /// The bank: 8 or 11 letters and digits.
    bic: String,
    /// The account: 4 to 34 letters and digits.
    account_number: String,
}

impl From<BankAccountInput> for Account {
    fn from(input: BankAccountInput) -> Self {
        match input {
            BankAccountInput::Iban(IbanAccountInput { iban, bic }) => Self::Iban { iban, bic },
            BankAccountInput::Us(UsAccountInput { routing_number, account_number, account_type }) => {
                Self::Us { routing_number, account_number, account_type: account_type.into() }
            }
            BankAccountInput::Gb(GbAccountInput { sort_code, account_number }) => {
                Self::Gb { sort_code, account_number }
            }
            BankAccountInput::Ca(CaAccountInput { institution_number, transit_number, account_number }) => {
                Self::Ca { institution_number, transit_number, account_number }
            }
            BankAccountInput::Au(AuAccountInput { bsb, account_number }) => Self::Au { bsb, account_number },
            BankAccountInput::In(InAccountInput { ifsc, account_number }) => {
                Self::In { ifsc, account_number }
            }
            BankAccountInput::Swift(SwiftAccountInput { bic, account_number }) => {
                Self::Swift { bic, account_number }
            }
        }
    }
}
