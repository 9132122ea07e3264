use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::PayoutId;

use super::{Month, Statement};
use crate::{calendar::Calendar, ledger::TransferReason};

/// What has happened to what the partner is owed since the month began, by day of the month (counted from 1; one more for all that
/// came after it) and reason, each payout by itself; and in each row what is owed now. One statement, so that the balance and the
/// moves are of one moment. A reservation moves nothing that is owed.
const MOVES: &str = "\
    WITH mine AS ( \
        SELECT id FROM ledger_accounts \
        WHERE account_id = $1 AND partner_id = $2 AND currency = $3 AND kind IN ('AVAILABLE', 'RESERVED') \
    ), moves AS ( \
        SELECT t.at, t.reason, t.source, t.amount FROM mine m JOIN ledger_transfers t ON t.credit = m.id \
        WHERE t.account_id = $1 AND t.at >= ($4)[1] AND t.reason NOT IN ('RESERVED', 'UNRESERVED') \
        UNION ALL SELECT t.at, t.reason, t.source, -t.amount FROM mine m JOIN ledger_transfers t ON t.debit = m.id \
        WHERE t.account_id = $1 AND t.at >= ($4)[1] AND t.reason NOT IN ('RESERVED', 'UNRESERVED') \
    ), days AS ( \
        SELECT width_bucket(at, $4) AS day, reason, CASE WHEN reason IN ('PAID', 'RETURNED') THEN source END AS payout_id, \
            count(*) AS moves, sum(amount)::bigint AS amount \
        FROM moves GROUP BY 1, 2, 3 \
    ) \
    SELECT n.owed, d.* FROM (SELECT coalesce((SELECT available + reserved FROM balances \
        WHERE account_id = $1 AND owner_id = $2 AND currency = $3), 0) AS owed) n LEFT JOIN days d ON true";

#[derive(Debug, Clone, QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    owed: i64,
    #[diesel(sql_type = Nullable<Integer>)]
    day: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<TransferReason>,
    #[diesel(sql_type = Nullable<Uuid>)]
    payout_id: Option<PayoutId>,
    #[diesel(sql_type = Nullable<BigInt>)]
    moves: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    amount: Option<i64>,
}

/// What happened within a month to what is owed: the opening and all lines sum to the closing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// What was owed before, in minor units.
    pub opening: i64,
    /// What happened, day by day and, within a day, in the order of reasons.
    pub lines: Vec<CourseLine>,
    /// What was owed after.
    pub closing: i64,
}

/// What happened on a day for one reason; of payouts one by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourseLine {
    /// The day.
    pub on: NaiveDate,
    /// Why.
    pub reason: TransferReason,
    /// The payout that was paid or came back.
    pub payout_id: Option<PayoutId>,
    /// How many moves of the ledger it was.
    pub moves: i64,
    /// In minor units; below 0 it takes off.
    pub amount: i64,
}

impl Course {
    /// What happened in the statement's month, as the ledger has it. The month is over.
    ///
    /// # Errors
    /// The database's, and when an amount is out of range.
    pub(super) async fn load(
        conn: &mut AsyncPgConnection,
        statement: &Statement,
        calendar: Calendar,
    ) -> QueryResult<Self> {
        let month = statement.month;
        let rows: Vec<Row> = diesel::sql_query(MOVES)
            .bind::<Uuid, _>(statement.account_id)
            .bind::<Uuid, _>(statement.partner_id)
            .bind::<Text, _>(statement.currency.as_str())
            .bind::<Array<Timestamptz>, _>(bounds(month, calendar))
            .load(conn)
            .await?;
        Self::of(month, &rows)
            .ok_or_else(|| diesel::result::Error::QueryBuilderError("an amount is out of range".into()))
    }

    /// Goes back from what is owed now; `None` if an amount is out of range.
    fn of(month: Month, rows: &[Row]) -> Option<Self> {
        let days: Vec<NaiveDate> = month.days().collect();
        let (mut closing, mut lines) = (rows.first()?.owed, Vec::new());
        for row in rows {
            let (Some(day), Some(reason), Some(moves), Some(amount)) =
                (row.day, row.reason, row.moves, row.amount)
            else {
                continue;
            };
            match usize::try_from(day - 1).ok().and_then(|at| days.get(at)) {
                Some(on) => {
                    lines.push(CourseLine { on: *on, reason, payout_id: row.payout_id, moves, amount });
                }
                None => closing = closing.checked_sub(amount)?,
            }
        }
        lines.sort_unstable_by_key(|line: &CourseLine| (line.on, line.reason, line.payout_id));
        let opening = lines.iter().try_fold(closing, |left, line| left.checked_sub(line.amount))?;
        Some(Self { opening, lines, closing })
    }
}

/// The first instant of each day of the month, and the first after it.
fn bounds(month: Month, calendar: Calendar) -> Vec<DateTime<Utc>> {
    month.days().chain([month.next().first_day()]).map(|day| calendar.begin(day)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(owed: i64, (day, amount): (i32, i64)) -> Row {
        let reason = if amount < 0 { TransferReason::Reversed } else { TransferReason::Released };
        let (day, reason, moves, amount) = (Some(day), Some(reason), Some(1), Some(amount));
        Row { owed, day, reason, payout_id: None, moves, amount }
    }

    #[test]
    fn without_moves_what_is_owed_now_was_owed_before() {
        let nothing = Row { day: None, reason: None, moves: None, amount: None, ..row(700, (1, 1)) };
        let course = Course::of("2026-02".parse().unwrap(), &[nothing]).unwrap();
        assert_eq!(course, Course { opening: 700, lines: Vec::new(), closing: 700 });
    }

    #[test]
    fn a_day_that_a_calendar_left_out_has_no_moves() {
        let bounds = bounds("2011-12".parse().unwrap(), Calendar::of("Pacific/Apia"));
        assert_eq!(bounds.len(), 32);
        assert_eq!(bounds[29], bounds[30]);
        assert!(bounds.is_sorted());
    }

    proptest! {
        #[test]
        fn the_opening_and_the_lines_sum_to_the_closing(
            before in -1_000_000_i64..1_000_000,
            moves in prop::collection::vec((1..=31_i32, -1_000_000_i64..1_000_000), 0..60),
        ) {
            // November has 30 days: the 31st bucket is what came after it.
            let within: i64 = moves.iter().filter(|(day, _)| *day <= 30).map(|(_, amount)| amount).sum();
            let all: i64 = moves.iter().map(|(_, amount)| amount).sum();
            let mut rows: Vec<Row> = moves.iter().map(|one| row(before + all, *one)).collect();
            rows.push(Row { day: None, ..row(before + all, (1, 0)) });
            let course = Course::of("2026-11".parse().unwrap(), &rows).unwrap();
            prop_assert_eq!(course.opening, before);
            prop_assert_eq!(course.closing, before + within);
        }
    }
}
