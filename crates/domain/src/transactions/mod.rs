//! Sales as they were recorded. A sale is named by the caller's key: a replay answers with the first, other words with the
//! same key are a conflict (I1, I2).

mod buyers;
mod events;
mod find;
mod input;
mod lines;
mod model;
mod record;
mod referrals;

pub use events::RecordedPayload;
pub use find::TransactionFilter;
pub use input::{ItemInput, NewTransaction};
pub use lines::{Line, Lines, LinesError, lines};
pub use model::{Transaction, TransactionItem};
pub use record::{MOST_AT_ONCE, RecordError, RecordRefusal};
