use chrono::{Datelike, Days, Months, NaiveDate};

use super::{DateRange, Grain, Start};

/// The beginnings of the parts of a range, in order: every point of a series, whether anything happened or not.
pub fn starts(range: DateRange, grain: Grain) -> Vec<Start> {
    let next = match grain {
        Grain::Whole => return vec![Start::Day(range.from())],
        Grain::Hour(calendar) => {
            return calendar.hours(range.from(), range.to()).into_iter().map(Start::Hour).collect();
        }
        Grain::Day => |day: NaiveDate| day.checked_add_days(Days::new(1)),
        Grain::Week => |day: NaiveDate| day.checked_add_days(Days::new(7)),
        Grain::Month => |day: NaiveDate| day.checked_add_months(Months::new(1)),
    };
    let first = first_day(range.from(), grain);
    std::iter::successors(Some(first), |day| next(*day))
        .take_while(|day| *day < range.to())
        .map(Start::Day)
        .collect()
}

/// The first day of the part that a day lies in: of its ISO week, of its month.
fn first_day(day: NaiveDate, grain: Grain) -> NaiveDate {
    match grain {
        Grain::Week => day.week(chrono::Weekday::Mon).first_day(),
        Grain::Month => day.with_day(1).unwrap_or(day),
        Grain::Whole | Grain::Hour(_) | Grain::Day => day,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Calendar;

    fn days(grain: Grain) -> Vec<String> {
        let range = DateRange::new("2026-01-30".parse().unwrap(), "2026-03-03".parse().unwrap()).unwrap();
        let day = |start: Start| match start {
            Start::Day(day) => day.to_string(),
            Start::Hour(hour) => hour.to_string(),
        };
        starts(range, grain).into_iter().map(day).collect()
    }

    #[test]
    fn every_part_of_a_range_has_its_point() {
        assert_eq!(days(Grain::Day).len(), 32);
        let weeks = ["2026-01-26", "2026-02-02", "2026-02-09", "2026-02-16", "2026-02-23", "2026-03-02"];
        assert_eq!(days(Grain::Week), weeks);
        assert_eq!(days(Grain::Month), ["2026-01-01", "2026-02-01", "2026-03-01"]);
        assert_eq!(days(Grain::Whole), ["2026-01-30"]);
        assert_eq!(days(Grain::Hour(Calendar::of("Asia/Kolkata"))).len(), 32 * 24);
    }
}
