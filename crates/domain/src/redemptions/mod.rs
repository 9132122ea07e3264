//! What partners and customers redeem: units of a program's own, and the credit of customers. Money of partners is paid out
//! instead. A redemption is named by the caller's key, takes from what is available, and never more.

mod create;
mod events;
mod find;
mod model;

pub use create::{CreateError, NewRedemption};
pub use events::RedemptionPayload;
pub use find::RedemptionFilter;
pub use model::Redemption;
