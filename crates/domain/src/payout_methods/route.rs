use payout_details::{BankAccount, PayoutDetails, WiseReceiver};

use crate::text_enum;

text_enum! {
    /// By which way a payee is paid, and the form of the account where a way has several: what a rail must carry to pay there. It
    /// is known without opening the details.
    Route {
        /// A PayPal or Venmo account.
        Paypal = "PAYPAL",
        /// Wherever somebody tells Wise to, who is asked by email.
        WiseEmail = "WISE_EMAIL",
        /// By Wise to an IBAN.
        WiseIban = "WISE_IBAN",
        /// By Wise to an account that its country names otherwise.
        WiseDomestic = "WISE_DOMESTIC",
        /// To an IBAN of the SEPA schemes.
        BankSepa = "BANK_SEPA",
        /// To another IBAN.
        BankIban = "BANK_IBAN",
        /// To an account that its country names otherwise.
        BankDomestic = "BANK_DOMESTIC",
        /// Credit in the owner's shop.
        StoreCredit = "STORE_CREDIT",
        /// An address of a crypto currency.
        Crypto = "CRYPTO",
        /// Whatever owner and partner agreed on.
        Manual = "MANUAL",
    }
}

impl From<&PayoutDetails> for Route {
    fn from(details: &PayoutDetails) -> Self {
        match details {
            PayoutDetails::Paypal { .. } => Self::Paypal,
            PayoutDetails::Wise { receiver: WiseReceiver::Email { .. }, .. } => Self::WiseEmail,
            PayoutDetails::Wise { receiver: WiseReceiver::Account { account }, .. } => match account {
                BankAccount::Iban { .. } => Self::WiseIban,
                _ => Self::WiseDomestic,
            },
            PayoutDetails::Bank { account, .. } => match account {
                BankAccount::Iban { iban, .. } if payout_details::is_sepa(iban.country()) => Self::BankSepa,
                BankAccount::Iban { .. } => Self::BankIban,
                _ => Self::BankDomestic,
            },
            PayoutDetails::StoreCredit { .. } => Self::StoreCredit,
            PayoutDetails::Crypto { .. } => Self::Crypto,
            PayoutDetails::Manual { .. } => Self::Manual,
        }
    }
}
