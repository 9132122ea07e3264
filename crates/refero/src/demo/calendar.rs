//! How many sales each day has: growth, seasons, weekdays, and a little noise.

use chrono::{DateTime, Datelike, TimeDelta, Utc};

use super::{chance::Chance, size::Size};

/// Percent of an ordinary month, January first: people drink more coffee in winter, and give it for Christmas.
const MONTHS: [u64; 12] = [88, 90, 96, 97, 100, 93, 86, 84, 98, 106, 126, 142];
/// Percent of an ordinary day, Monday first.
const WEEKDAYS: [u64; 7] = [108, 102, 99, 98, 97, 88, 92];
/// What a day's sales have grown by at the end of the history, in percent.
const GROWTH: u64 = 190;

/// How many sales of each day and program there are, oldest day first; they sum to the size's. `shares` weighs the
/// programs, each from the day on that it opens.
pub fn sales(
    start: DateTime<Utc>,
    size: Size,
    shares: &[(u64, u32)],
    chance: &mut Chance,
) -> Vec<Vec<usize>> {
    let days: Vec<Vec<u64>> = (0..size.days)
        .map(|day| {
            let date = start + TimeDelta::days(i64::from(day) + 1);
            let weigh = |(share, opens): &(u64, u32)| {
                let noise = u64::try_from(chance.between(84, 116)).unwrap_or(100);
                if day < *opens { 0 } else { share * day_weight(day, date, size) * noise }
            };
            shares.iter().map(weigh).collect()
        })
        .collect();
    let sum: u128 = days.iter().flatten().map(|weight| u128::from(*weight)).sum();
    let (mut before, mut given) = (0_u128, 0_u128);
    let mut share_of = |weight: &u64| {
        before += u128::from(*weight);
        // Of the whole up to here: no rounding is lost.
        let due = u128::from(size.sales) * before / sum.max(1);
        let mine = due - given;
        given = due;
        usize::try_from(mine).unwrap_or(0)
    };
    days.iter().map(|day| day.iter().map(&mut share_of).collect()).collect()
}

fn day_weight(day: u32, date: DateTime<Utc>, size: Size) -> u64 {
    let of = |table: &[u64], place: u32| table.get(place as usize).copied().unwrap_or(100);
    let growth = 100 + GROWTH * u64::from(day) / u64::from(size.days.max(1));
    growth * of(&MONTHS, date.month0()) * of(&WEEKDAYS, date.weekday().num_days_from_monday())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_sum_to_what_is_asked_for_and_grow() {
        let start = "2025-11-26T10:00:00Z".parse().unwrap();
        let days = sales(start, Size::FULL, &[(50, 0), (35, 0), (15, 100)], &mut Chance::seeded(1));
        let of_days = |days: &[Vec<usize>]| days.iter().flatten().sum::<usize>();
        assert_eq!((days.len(), of_days(&days)), (365, 20_000));
        assert!(days[..100].iter().all(|day| day[2] == 0) && days[100][2] > 0, "it opens later");
        let (summer, autumn) = (of_days(&days[220..250]), of_days(&days[335..]));
        assert!(autumn > summer * 3 / 2, "{autumn} in November, {summer} in July");
        assert!(of_days(&days[335..]) > of_days(&days[..30]) * 3 / 2, "it grows");
    }
}
