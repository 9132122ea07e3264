//! Figures: of all programs, of one, of a partner. Fields of other objects; each is checked and loaded here.

mod breakdown;
mod enums;
mod fields;
mod growth;
mod inputs;
mod loader;
mod object;
mod rights;
mod series;
mod top_partners;

pub use breakdown::BreakdownRow;
pub use enums::{Dimension, Interval, Metric};
pub use fields::{OverviewFigures, PartnerFigures, ProgramFigures};
pub use inputs::DayRange;
pub use object::{PartnerStats, ProgramStats};
pub use series::SeriesPoint;
pub use top_partners::TopPartner;

use super::error::ApiError;
use domain::stats::RangeError;

impl From<RangeError> for ApiError {
    fn from(error: RangeError) -> Self {
        Self::BadInput(match error {
            RangeError::Backwards => "A range must end after it begins.",
            RangeError::TooLong { most: ..32 } => "A range by hour has at most 31 days.",
            RangeError::TooLong { .. } => "A range has at most 3,660 days.",
            RangeError::Year => "The year must be 1970 to 9999.",
        })
    }
}
