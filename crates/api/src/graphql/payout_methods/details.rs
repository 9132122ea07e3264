//! Where money goes, as integrators say it.

use async_graphql::{Enum, InputObject, OneofObject};
use payout_details::{PayoutDetailsInput, PaypalReceiverInput as Receiver, WiseReceiverInput as Recipient};

use super::bank::BankAccountInput;
use crate::graphql::scalars::CurrencyCode;

/// Where a partner's money goes: exactly one way.
#[derive(OneofObject)]
pub enum PayoutMethodInput {
    /// A PayPal or Venmo account.
    Paypal(PayoutPaypalInput),
    /// A recipient of Wise.
    Wise(PayoutWiseInput),
    /// A bank account.
    Bank(PayoutBankInput),
    /// Credit in your own shop.
    StoreCredit(PayoutStoreCreditInput),
    /// An address of a cryptocurrency, paid by hand.
    Crypto(PayoutCryptoInput),
    /// Whatever the two of you agreed on, paid by hand.
    Manual(PayoutManualInput),
}

/// In which of PayPal's wallets money arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "payout_details::PaypalWallet")]
pub enum PaypalWallet {
    /// PayPal itself.
    Paypal,
    /// Venmo: people in the United States, in dollars.
    Venmo,
}

/// A PayPal or Venmo account.
#[derive(InputObject)]
pub struct PayoutPaypalInput {
    /// Where the money arrives.
    #[graphql(default_with = "PaypalWallet::Paypal")]
    wallet: PaypalWallet,
    /// Whom PayPal pays.
    receiver: PaypalReceiverInput,
}

/// Whom PayPal pays: exactly one of them.
#[derive(OneofObject)]
pub enum PaypalReceiverInput {
    /// Whose account has this email address.
    Email(String),
    /// Whose account has this telephone number, with its country's code: `+14085550123`. Venmo takes numbers of the United
    /// States only.
    Phone(String),
    /// The account with this id of 13 characters, as PayPal gives it out. Not for Venmo.
    PaypalId(String),
    /// The account with this name at Venmo, 5 to 30 characters. Only for Venmo.
    VenmoHandle(String),
}

/// Whether a payee is a person or a company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "payout_details::LegalType")]
pub enum PayeeLegalType {
    /// A person.
    Private,
    /// A company.
    Business,
}

/// A recipient of Wise.
#[derive(InputObject)]
pub struct PayoutWiseInput {
    /// The name on the account: 1 to 70 characters.
    holder: String,
    /// Whether that is a person or a company.
    legal_type: PayeeLegalType,
    /// What arrives; of a domestic account its own currency.
    currency: CurrencyCode,
    /// Where it arrives.
    receiver: WiseReceiverInput,
}

/// Where money arrives by Wise: exactly one of them.
#[derive(OneofObject)]
pub enum WiseReceiverInput {
    /// Where the person with this email address tells Wise to.
    Email(String),
    /// In this bank account.
    Account(BankAccountInput),
}

/// A bank account and whose it is.
#[derive(InputObject)]
pub struct PayoutBankInput {
    /// The name on the account: 1 to 70 characters.
    holder: String,
    /// The account.
    account: BankAccountInput,
}

/// Credit in your own shop.
#[derive(InputObject)]
pub struct PayoutStoreCreditInput {
    /// How your shop knows the payee, e.g. by the number of a customer: at most 200 characters.
    reference: Option<String>,
}

/// A network on which an asset is sent. The same asset lives on several, and their addresses look alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "payout_details::CryptoNetwork")]
pub enum CryptoNetwork {
    /// Bitcoin.
    Bitcoin,
    /// Ethereum.
    Ethereum,
    /// Arbitrum One.
    Arbitrum,
    /// Base.
    Base,
    /// BNB Smart Chain.
    BnbSmartChain,
    /// OP Mainnet.
    Optimism,
    /// Polygon PoS.
    Polygon,
    /// Solana.
    Solana,
    /// TRON.
    Tron,
}

/// An address of a cryptocurrency.
#[derive(InputObject)]
pub struct PayoutCryptoInput {
    /// On which network.
    network: CryptoNetwork,
    /// The ticker of what is sent, e.g. `USDC`: 2 to 10 letters and digits.
    asset: String,
    /// The address; its checksum is verified where the network has one.
    address: String,
    /// Whose address it is: 1 to 70 characters.
    holder: String,
}

/// Whatever the two of you agreed on.
#[derive(InputObject)]
pub struct PayoutManualInput {
    /// What the payee asks for: 1 to 2,000 characters, of several lines if you like.
    instructions: String,
}

impl From<PaypalReceiverInput> for Receiver {
    fn from(input: PaypalReceiverInput) -> Self {
        match input {
            PaypalReceiverInput::Email(text) => Self::Email(text),
            PaypalReceiverInput::Phone(text) => Self::Phone(text),
            PaypalReceiverInput::PaypalId(text) => Self::PaypalId(text),
            PaypalReceiverInput::VenmoHandle(text) => Self::VenmoHandle(text),
        }
    }
}

impl From<WiseReceiverInput> for Recipient {
    fn from(input: WiseReceiverInput) -> Self {
        match input {
            WiseReceiverInput::Email(text) => Self::Email(text),
            WiseReceiverInput::Account(account) => Self::Account(account.into()),
        }
    }
}

impl From<PayoutMethodInput> for PayoutDetailsInput {
    fn from(input: PayoutMethodInput) -> Self {
        match input {
            PayoutMethodInput::Paypal(said) => {
                Self::Paypal { wallet: said.wallet.into(), receiver: said.receiver.into() }
            }
            PayoutMethodInput::Wise(said) => Self::Wise {
                holder: said.holder,
                legal_type: said.legal_type.into(),
                currency: said.currency.0,
                receiver: said.receiver.into(),
            },
            PayoutMethodInput::Bank(said) => Self::Bank { holder: said.holder, account: said.account.into() },
            PayoutMethodInput::StoreCredit(said) => Self::StoreCredit { reference: said.reference },
            PayoutMethodInput::Crypto(said) => Self::Crypto {
                network: said.network.into(),
                asset: said.asset,
                address: said.address,
                holder: said.holder,
            },
            PayoutMethodInput::Manual(said) => Self::Manual { instructions: said.instructions },
        }
    }
}
