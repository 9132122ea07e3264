use chrono::{Datelike, NaiveDate, TimeDelta};

/// Calendar dates from one to another, the last excluded, as each program's own calendar has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateRange {
    from: NaiveDate,
    to: NaiveDate,
}

/// Why there is no such range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// It must end after it begins.
    #[error("a range ends after it begins")]
    Backwards,
    /// It has too many days.
    #[error("more than {most} days")]
    TooLong {
        /// As many are allowed.
        most: i64,
    },
    /// A year outside of 1970 to 9999: a slip of the pen.
    #[error("the year must be 1970 to 9999")]
    Year,
}

impl DateRange {
    /// The most days: ten years.
    pub const MOST_DAYS: i64 = 3_660;
    /// The most days by hour.
    pub const MOST_DAYS_BY_HOUR: i64 = 31;

    /// From `from` until before `to`.
    ///
    /// # Errors
    /// [`RangeError`].
    pub fn new(from: NaiveDate, to: NaiveDate) -> Result<Self, RangeError> {
        let years = 1970..=9999;
        if !years.contains(&from.year()) || !years.contains(&to.year()) {
            return Err(RangeError::Year);
        }
        if to <= from {
            return Err(RangeError::Backwards);
        }
        let range = Self { from, to };
        range.at_most(Self::MOST_DAYS)?;
        Ok(range)
    }

    /// Passes ranges of so many days.
    ///
    /// # Errors
    /// [`RangeError::TooLong`].
    pub fn at_most(&self, most: i64) -> Result<(), RangeError> {
        if self.days() <= most { Ok(()) } else { Err(RangeError::TooLong { most }) }
    }

    /// The first date.
    pub fn from(&self) -> NaiveDate {
        self.from
    }

    /// The date behind the last.
    pub fn to(&self) -> NaiveDate {
        self.to
    }

    /// How many dates.
    pub fn days(&self) -> i64 {
        (self.to - self.from).num_days()
    }

    /// As many dates right before.
    pub fn previous(&self) -> Self {
        let length: TimeDelta = self.to - self.from;
        Self { from: self.from - length, to: self.from }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: &str, to: &str) -> Result<DateRange, RangeError> {
        DateRange::new(from.parse().unwrap(), to.parse().unwrap())
    }

    #[test]
    fn a_range_is_forward_short_and_of_our_time() {
        assert_eq!(range("2026-03-02", "2026-03-02"), Err(RangeError::Backwards));
        assert_eq!(range("2026-03-02", "2026-03-01"), Err(RangeError::Backwards));
        assert_eq!(range("2016-01-01", "2026-01-09"), Err(RangeError::TooLong { most: 3_660 }));
        assert_eq!(range("2016-01-01", "2026-01-08").unwrap().days(), 3_660);
        assert_eq!(range("1969-12-31", "1970-01-02"), Err(RangeError::Year));
    }

    #[test]
    fn the_range_before_ends_where_this_one_begins() {
        let february = range("2026-02-01", "2026-03-01").unwrap();
        assert_eq!(february.previous(), range("2026-01-04", "2026-02-01").unwrap());
        assert!(february.at_most(31).is_ok() && february.at_most(27).is_err());
    }
}
