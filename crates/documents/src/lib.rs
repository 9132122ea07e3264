#![doc = include_str!("../README.md")]

mod amount;
mod invoice;
mod paper;
mod pdf;
mod sign;
mod statement;
mod table;

pub use amount::Amount;
pub use invoice::{InvoiceTotals, SelfBilledInvoice, Tax};
pub use paper::{Line, Party, Period};
pub use pdf::RenderError;
pub use sign::{SignError, Signed, SigningKey, SigningKeyError};
pub use statement::{Statement, StatementTotals};
