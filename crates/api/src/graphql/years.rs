use async_graphql::{CustomValidator, InputValueError};
use chrono::{DateTime, Datelike, Utc};

/// Passes instants of the years 1970 to 9999. Others are slips of the pen, and the far ones fit neither into what
/// PostgreSQL stores nor into RFC 3339.
pub struct CommonYears;

impl CustomValidator<DateTime<Utc>> for CommonYears {
    fn check(&self, at: &DateTime<Utc>) -> Result<(), InputValueError<DateTime<Utc>>> {
        match (1970..=9999).contains(&at.year()) {
            true => Ok(()),
            false => Err(InputValueError::custom("the year must be 1970 to 9999")),
        }
    }
}
