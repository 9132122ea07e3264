//! How Wise knows a payee.

use serde::{Deserialize, Serialize};

use crate::{BankAccount, BankAccountInput, Email, check::Checks, words::words};

words! {
    /// What Wise calls the legal type of a recipient.
    LegalType {
        /// A person.
        Private = "PRIVATE",
        /// A company.
        Business = "BUSINESS",
    }
}

/// Where the money arrives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WiseReceiver {
    /// Where the person with this address tells Wise to.
    Email {
        /// The address.
        email: Email,
    },
    /// In this bank account.
    Account {
        /// The account.
        account: BankAccount,
    },
}

/// Where the money shall arrive, as it was said.
#[derive(Clone, PartialEq, Eq)]
pub enum WiseReceiverInput {
    /// An email address that Wise asks for the account.
    Email(String),
    /// A bank account.
    Account(BankAccountInput),
}

impl WiseReceiverInput {
    pub(crate) fn check(&self, checks: &mut Checks) -> Option<WiseReceiver> {
        match self {
            Self::Email(text) => {
                checks.take("email", Email::parse(text)).map(|email| WiseReceiver::Email { email })
            }
            Self::Account(input) => checks
                .within("account", |checks| input.check(checks))
                .map(|account| WiseReceiver::Account { account }),
        }
    }
}
