use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};

use super::{PayoutPolicy, ScheduleKind};
use crate::calendar::Calendar;

/// When drafts of batches are made, at the beginning of a day of the program's calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schedule {
    /// Never.
    Manual,
    /// Each week on a day, 1 for Monday to 7.
    Weekly(u32),
    /// Every second week, in the weeks whose Monday lies an even number of weeks behind 5 January 1970.
    Fortnightly(u32),
    /// On a day of each month, or on its last if it is shorter.
    Monthly(u32),
}

impl Schedule {
    /// What a stored policy says; `None` if it says nothing.
    pub(super) fn of(stored: &PayoutPolicy) -> Option<Self> {
        let day = stored.schedule_day.and_then(|day| u32::try_from(day).ok());
        match (stored.schedule?, day) {
            (ScheduleKind::Weekly, Some(day)) => Some(Self::Weekly(day)),
            (ScheduleKind::Fortnightly, Some(day)) => Some(Self::Fortnightly(day)),
            (ScheduleKind::Monthly, Some(day)) => Some(Self::Monthly(day)),
            (ScheduleKind::Manual, _) | (_, None) => Some(Self::Manual),
        }
    }

    /// The kind and the day of it.
    pub fn words(self) -> (ScheduleKind, Option<u32>) {
        match self {
            Self::Manual => (ScheduleKind::Manual, None),
            Self::Weekly(day) => (ScheduleKind::Weekly, Some(day)),
            Self::Fortnightly(day) => (ScheduleKind::Fortnightly, Some(day)),
            Self::Monthly(day) => (ScheduleKind::Monthly, Some(day)),
        }
    }

    /// The first time behind `after`; `None` if there is none.
    pub fn next(self, after: DateTime<Utc>, calendar: Calendar) -> Option<DateTime<Utc>> {
        let today = calendar.day(after);
        let day = match self {
            Self::Manual => None,
            Self::Weekly(day) => next_weekday(today, day),
            Self::Fortnightly(day) => next_weekday(today, day).and_then(|next| match is_even(next) {
                true => Some(next),
                false => next.checked_add_days(Days::new(7)),
            }),
            Self::Monthly(day) => of_month(today, day)
                .filter(|next| *next > today)
                .or_else(|| of_month(today.with_day(1)?.checked_add_months(Months::new(1))?, day)),
        };
        day.map(|day| calendar.begin(day))
    }
}

/// The first day with this weekday behind `today`.
fn next_weekday(today: NaiveDate, day: u32) -> Option<NaiveDate> {
    let ahead = (day + 7 - today.weekday().number_from_monday() % 7) % 7;
    today.checked_add_days(Days::new(if ahead == 0 { 7 } else { u64::from(ahead) }))
}

fn is_even(day: NaiveDate) -> bool {
    const FIRST_MONDAY: i32 = 719_167;
    (day.num_days_from_ce() - FIRST_MONDAY).div_euclid(7) % 2 == 0
}

/// That day of the month in which `within` lies, or its last.
fn of_month(within: NaiveDate, day: u32) -> Option<NaiveDate> {
    (28..=day.max(28)).rev().chain([day]).filter(|one| *one <= day).find_map(|day| within.with_day(day))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_next_time_lies_at_the_beginning_of_a_local_day() {
        let berlin = Calendar::of("Europe/Berlin");
        let next = |schedule: Schedule, after: &str| schedule.next(at(after), berlin).unwrap();
        // 26 November 2026 is a Thursday.
        assert_eq!(next(Schedule::Weekly(5), "2026-11-26T12:00:00Z"), at("2026-11-26T23:00:00Z"));
        assert_eq!(next(Schedule::Weekly(4), "2026-11-26T12:00:00Z"), at("2026-12-02T23:00:00Z"));
        assert_eq!(next(Schedule::Weekly(7), "2026-11-29T12:00:00Z"), at("2026-12-05T23:00:00Z"));
        assert_eq!(next(Schedule::Monthly(31), "2026-11-26T12:00:00Z"), at("2026-11-29T23:00:00Z"));
        assert_eq!(next(Schedule::Monthly(31), "2027-01-31T12:00:00Z"), at("2027-02-27T23:00:00Z"));
        assert_eq!(next(Schedule::Monthly(1), "2026-12-31T23:30:00Z"), at("2027-01-31T23:00:00Z"));
        assert_eq!(Schedule::Manual.next(at("2026-11-26T12:00:00Z"), berlin), None);
    }

    /// Monday 5 January 1970 and the Sunday behind it are in one week, the first.
    #[test]
    fn a_week_ends_with_its_sunday() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert!(is_even(day("1970-01-05")) && is_even(day("1970-01-11")));
        assert!(!is_even(day("1970-01-12")) && !is_even(day("1970-01-04")));
        assert!(is_even(day("2026-11-30")) == is_even(day("2026-12-06")));
    }

    proptest! {
        #[test]
        fn fortnights_are_fourteen_local_days_apart(day in 1_u32..=7, seconds in 1_600_000_000_i64..2_000_000_000) {
            let calendar = Calendar::of("America/New_York");
            let after = DateTime::from_timestamp(seconds, 0).unwrap();
            let first = Schedule::Fortnightly(day).next(after, calendar).unwrap();
            let second = Schedule::Fortnightly(day).next(first, calendar).unwrap();
            prop_assert!(first > after);
            prop_assert_eq!((calendar.day(second) - calendar.day(first)).num_days(), 14);
            prop_assert_eq!(calendar.day(first).weekday().number_from_monday(), day);
        }

        #[test]
        fn months_are_neither_skipped_nor_repeated(day in 1_u32..=31, seconds in 1_600_000_000_i64..2_000_000_000) {
            let calendar = Calendar::of("Asia/Kolkata");
            let first = Schedule::Monthly(day).next(DateTime::from_timestamp(seconds, 0).unwrap(), calendar).unwrap();
            let second = Schedule::Monthly(day).next(first, calendar).unwrap();
            let month = |at| { let day = calendar.day(at); day.year() * 12 + day.month0() as i32 };
            prop_assert_eq!(month(second), month(first) + 1);
        }
    }
}
