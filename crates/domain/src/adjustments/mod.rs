//! What became of a sale after it was recorded: refunds, chargebacks, won disputes, voids (rewards.md, section 5).
//!
//! An adjustment is named by the caller's key, as a sale is. It names its sale by the sale's key, so that it may arrive first,
//! and changes nothing by itself: the program's writer of rewards joins it to the sale, in the order of the feed, and takes
//! back what it takes back; or refuses it with a reason, and a person sees it.

mod events;
mod find;
mod input;
mod lines;
mod model;
mod record;
mod standing;

pub use events::AdjustedPayload;
pub use find::AdjustmentFilter;
pub use input::{NewAdjustment, NewAdjustmentKind, NewChargebackWon, NewRefund, NewRefundLine, SaleNamed};
pub use lines::{RefundLine, RefundLines};
pub use model::{Adjustment, AdjustmentBasis, AdjustmentKind, AdjustmentRefused};
pub use record::AdjustError;
pub use standing::{NoRoom, Standing, TransactionStatus};
