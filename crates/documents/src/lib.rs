#![doc = include_str!("../README.md")]

mod amount;
mod invoice;
mod keys;
mod paper;
mod pdf;
mod sign;
mod statement;
mod table;

pub use amount::Amount;
pub use invoice::{InvoiceTotals, SelfBilledInvoice, Tax};
pub use keys::{SigningKeys, SigningKeysError, VerifyingKey};
pub use paper::{Line, Party, Period};
pub use pdf::RenderError;
pub use sign::{SignError, Signed, SigningKey, SigningKeyError, canonical_json};
pub use statement::{Statement, StatementTotals};
