//! What a partner is owed, month by month, as papers.
//!
//! What is owed is what is available and what payouts have reserved. A statement tells of a month of the program's calendar what
//! was owed before, what happened, and what was owed after it: rewards released, taken back and given back by day, and each
//! payout that was paid or came back. It is made from the ledger, backwards from the balance of now, so that it costs what has
//! happened since the month began, however long the history is. It is asked for once, rendered by a job, and never changes then.

mod course;
mod events;
mod facts;
mod find;
mod jobs;
mod model;
mod month;
mod papers;
mod ready;
mod request;
mod request_due;

pub use course::{Course, CourseLine};
pub use events::StatementPayload;
pub use facts::{Parties, StatementFacts};
pub use jobs::{RenderStatement, RequestDueStatements};
pub use model::{PaperStatus, Statement};
pub use month::{BadMonth, Month};
pub use papers::{PaperSignature, Papers};
pub use request::{NewStatement, RequestError};
pub use request_due::request_due_statements;
