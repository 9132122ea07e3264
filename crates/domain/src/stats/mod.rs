//! The figures of programs and partners: how many, how much, since when, compared with before. They are read from
//! rollups by local day or hour and from the deltas that are not folded yet, in one statement, so they are exact at any
//! moment and cost the same however many sales there are.

mod answer;
mod figures;
mod fold;
mod growth;
mod jobs;
mod metric;
mod question;
mod range;
mod ranking;
mod series;
mod unfolded;

pub use figures::{Amounts, Figures};
pub use fold::{FOLD_BATCH, fold};
pub use growth::{growth, ratio};
pub use jobs::{FOLD_DELAY, FoldStats};
pub use metric::Metric;
pub use question::{Answer, Grain, Question, Start, Subject, calendars};
pub use range::{DateRange, RangeError};
pub use ranking::{RankedPartner, Ranking};
pub use series::starts;
pub use unfolded::unfolded;

/// The statements as they are sent: for whoever looks at their plans.
pub mod statements {
    pub use super::{
        answer::{DAYS, HOURS, PARTNERS},
        ranking::SQL as RANKING,
    };
}
