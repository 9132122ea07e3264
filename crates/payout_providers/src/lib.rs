#![doc = include_str!("../README.md")]

mod error;
#[cfg(feature = "fakes")]
pub mod fakes;
pub mod files;
mod http;
mod outcome;
pub mod paypal;
mod provider;
mod recipient;
mod reference;
mod secret;
mod submission;
pub mod wise;

pub use error::{LookUpError, PollError, Refusal, SubmitError};
pub use http::{BaseUrl, NotABaseUrl, SetUpError};
pub use iban::Iban;
pub use outcome::{Draft, PaymentReport, PaymentState, Progress, Submitted, Tried};
pub use paypal::PayPal;
pub use provider::{Answer, Provider};
pub use recipient::{Bic, Handle, LegalForm, NotABic, Recipient, Wallet};
pub use reference::{NotAReference, Reference};
pub use secret::Secret;
pub use submission::{Fees, NotASubmission, Payment, Submission};
pub use wise::Wise;
