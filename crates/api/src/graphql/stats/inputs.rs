use async_graphql::InputObject;

use crate::graphql::{error::ApiError, scalars::Date};

/// Calendar dates, as each program's own time zone has them: at most 3,660 of the years 1970 to 9999.
#[derive(Debug, Clone, Copy, InputObject)]
pub struct DayRange {
    /// The first date.
    from: Date,
    /// The date behind the last: it is not in the range.
    to: Date,
}

impl DayRange {
    /// The range that it says.
    ///
    /// # Errors
    /// When it is none.
    pub fn checked(self) -> Result<domain::stats::DateRange, ApiError> {
        Ok(domain::stats::DateRange::new(self.from.0, self.to.0)?)
    }
}
