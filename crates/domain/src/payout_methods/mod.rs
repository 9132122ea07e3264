//! Where partners' money goes, and who they are to the tax office.
//!
//! Methods and the payee belong to the profile, so that they serve its partners in all programs. Of a profile's methods one is
//! the default, which is paid to. The details are sealed (`vault`) for the method's id: what is stored of one cannot be put in
//! the place of another. A method never changes; another one takes its place.

mod archive;
mod create;
mod events;
mod find;
mod jobs;
mod model;
mod payee;
mod reseal;
mod route;

pub use archive::ArchiveError;
pub use create::{CreateError, NewPayoutMethod};
pub use events::PayoutMethodPayload;
pub use find::UnsealError;
pub use jobs::ResealPayoutMethods;
pub use model::PayoutMethod;
pub use payee::{Payee, PayeeChanges, PayeeError};
pub use route::Route;
