use std::fmt;

use money::Currency;
use serde::{Deserialize, Serialize};

use crate::{
    BankAccount, CryptoAddress, CryptoNetwork, LegalType, PayoutMethodKind, PaypalReceiver, PaypalWallet,
    WiseReceiver,
};

/// What a payee is paid by, checked. Its JSON is what is sealed and stored; `Debug` shows its kind only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PayoutDetails {
    /// By PayPal.
    Paypal {
        /// Where it arrives.
        wallet: PaypalWallet,
        /// Whom PayPal pays.
        receiver: PaypalReceiver,
    },
    /// By Wise.
    Wise {
        /// The name on the account.
        holder: String,
        /// Whether that is a person or a company.
        legal_type: LegalType,
        /// What arrives.
        currency: Currency,
        /// Where it arrives.
        receiver: WiseReceiver,
    },
    /// By a transfer between banks.
    Bank {
        /// The name on the account.
        holder: String,
        /// Where it arrives.
        account: BankAccount,
    },
    /// With credit in the seller's shop.
    StoreCredit {
        /// How the shop knows the payee, e.g. by an email address or a customer's number.
        reference: Option<String>,
    },
    /// In a cryptocurrency, by hand.
    Crypto {
        /// On which network.
        network: CryptoNetwork,
        /// The ticker of what is sent, e.g. `USDC`.
        asset: String,
        /// Where it arrives.
        address: CryptoAddress,
        /// Whose address it is.
        holder: String,
    },
    /// By hand.
    Manual {
        /// What the payee asks for; may have several lines.
        instructions: String,
    },
}

impl PayoutDetails {
    /// By which way it pays.
    pub fn kind(&self) -> PayoutMethodKind {
        match self {
            Self::Paypal { .. } => PayoutMethodKind::Paypal,
            Self::Wise { .. } => PayoutMethodKind::Wise,
            Self::Bank { .. } => PayoutMethodKind::Bank,
            Self::StoreCredit { .. } => PayoutMethodKind::StoreCredit,
            Self::Crypto { .. } => PayoutMethodKind::Crypto,
            Self::Manual { .. } => PayoutMethodKind::Manual,
        }
    }

    /// The country of the account (ISO 3166-1 alpha-2), where the details say it.
    pub fn country(&self) -> Option<&str> {
        match self {
            Self::Bank { account, .. } | Self::Wise { receiver: WiseReceiver::Account { account }, .. } => {
                Some(account.country())
            }
            Self::Paypal { wallet: PaypalWallet::Venmo, .. } => Some("US"),
            _ => None,
        }
    }

    /// The one currency that can arrive, where the details say it.
    pub fn currency(&self) -> Option<Currency> {
        match self {
            Self::Bank { account, .. } => account.currency(),
            Self::Wise { currency, .. } => Some(*currency),
            Self::Paypal { wallet: PaypalWallet::Venmo, .. } => Some(Currency::USD),
            _ => None,
        }
    }
}

impl fmt::Debug for PayoutDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PayoutDetails({}, ..)", self.kind())
    }
}
