//! Calls to a provider, each with a limit of time and size, and told apart by what they leave behind.

mod base_url;
mod caller;
mod reply;

pub use base_url::{BaseUrl, NotABaseUrl};
pub use caller::SetUpError;
pub(crate) use caller::{Authorization, CallError, Caller, Request};
pub(crate) use reply::Reply;
