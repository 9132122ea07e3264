#![doc = include_str!("../README.md")]

mod bank;
mod bic;
mod check;
mod checked_text;
mod contact;
mod countries;
mod crypto;
mod details;
mod iban;
mod input;
mod kind;
mod mask;
mod paypal;
mod problem;
mod wise;
mod words;

pub use bank::{
    AccountNumber, BankAccount, BankAccountInput, Bsb, Ifsc, InstitutionNumber, RoutingNumber, SortCode,
    TransitNumber, UsAccountType,
};
pub use bic::Bic;
pub use contact::{Email, Phone};
pub use countries::is_sepa;
pub use crypto::{CryptoAddress, CryptoNetwork};
pub use details::PayoutDetails;
pub use iban::Iban;
pub use input::PayoutDetailsInput;
pub use kind::PayoutMethodKind;
pub use paypal::{
    PaypalId, PaypalReceiver, PaypalReceiverInput, PaypalWallet, VenmoHandle, paypal_pays, paypal_pays_whole,
};
pub use problem::{DetailsProblem, RefusedField};
pub use wise::{LegalType, WiseReceiver, WiseReceiverInput};
