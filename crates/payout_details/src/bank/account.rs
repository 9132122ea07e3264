use money::Currency;
use serde::{Deserialize, Serialize};

use super::{AccountNumber, Bsb, Ifsc, InstitutionNumber, RoutingNumber, SortCode, TransitNumber};
use crate::{Bic, Iban, words::words};

words! {
    /// What kind of account it is in the United States: transfers there name it.
    UsAccountType {
        /// For payments.
        Checking = "CHECKING",
        /// For savings.
        Savings = "SAVINGS",
    }
}

/// A bank account in the form of its country.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BankAccount {
    /// In a country with IBANs.
    Iban {
        /// The account.
        iban: Iban,
        /// The bank, where a transfer still asks for it.
        bic: Option<Bic>,
    },
    /// In the United States.
    Us {
        /// The bank.
        routing_number: RoutingNumber,
        /// The account: 4 to 17 digits.
        account_number: AccountNumber,
        /// Its kind.
        account_type: UsAccountType,
    },
    /// In the United Kingdom.
    Gb {
        /// The branch.
        sort_code: SortCode,
        /// The account: 8 digits.
        account_number: AccountNumber,
    },
    /// In Canada.
    Ca {
        /// The bank.
        institution_number: InstitutionNumber,
        /// The branch.
        transit_number: TransitNumber,
        /// The account: 5 to 12 digits.
        account_number: AccountNumber,
    },
    /// In Australia.
    Au {
        /// The branch.
        bsb: Bsb,
        /// The account: 4 to 9 digits.
        account_number: AccountNumber,
    },
    /// In India.
    In {
        /// The branch.
        ifsc: Ifsc,
        /// The account: 9 to 18 digits.
        account_number: AccountNumber,
    },
    /// Anywhere else.
    Swift {
        /// The bank.
        bic: Bic,
        /// The account: 4 to 34 letters and digits.
        account_number: AccountNumber,
    },
}

impl BankAccount {
    /// The country of the account (ISO 3166-1 alpha-2).
    pub fn country(&self) -> &str {
        match self {
            Self::Iban { iban, .. } => iban.country(),
            Self::Us { .. } => "US",
            Self::Gb { .. } => "GB",
            Self::Ca { .. } => "CA",
            Self::Au { .. } => "AU",
            Self::In { .. } => "IN",
            Self::Swift { bic, .. } => bic.country(),
        }
    }

    /// The currency that accounts of this form take, where they take only one. An IBAN can be of any currency.
    pub fn currency(&self) -> Option<Currency> {
        match self {
            Self::Iban { .. } | Self::Swift { .. } => None,
            Self::Us { .. } => Some(Currency::USD),
            Self::Gb { .. } => Some(Currency::GBP),
            Self::Ca { .. } => Some(Currency::CAD),
            Self::Au { .. } => Some(Currency::AUD),
            Self::In { .. } => Some(Currency::INR),
        }
    }

    /// What names the account at its bank.
    pub(crate) fn number(&self) -> &str {
        match self {
            Self::Iban { iban, .. } => iban.as_str(),
            Self::Us { account_number, .. }
            | Self::Gb { account_number, .. }
            | Self::Ca { account_number, .. }
            | Self::Au { account_number, .. }
            | Self::In { account_number, .. }
            | Self::Swift { account_number, .. } => account_number.as_str(),
        }
    }
}
