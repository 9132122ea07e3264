use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    QueryResult, QueryableByName, sql_query,
    sql_types::{Array, Date, Integer, Jsonb, Nullable, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::json;

use super::{Answer, Grain, Question, Start, Subject, figures::Sums};
use crate::{prepared::Prepare, scope::AccountScope};

/// The figures of each question and part of its range, by currency: `$part` names the part that a row lies in, `$rows`
/// finds rows of rollup and deltas. Sums beyond 64 bits stop there.
macro_rules! sums {
    ($part:literal, $questions:literal, $rows:literal) => {
        concat!(
            "SELECT q.n, ", $part, ", d.currency, sum(d.applications)::bigint AS applications, \
             sum(d.partners)::bigint AS partners, sum(d.signups)::bigint AS signups, \
             sum(d.paying_customers)::bigint AS paying_customers, sum(d.sales)::bigint AS sales, \
             greatest(least(sum(d.revenue), 9223372036854775807), -9223372036854775807)::bigint AS revenue, \
             greatest(least(sum(d.rewards), 9223372036854775807), -9223372036854775807)::bigint AS rewards ",
            $questions, " CROSS JOIN LATERAL (", $rows, ") AS d GROUP BY 1, 2, 3"
        )
    };
}

/// Figures of programs by day or longer.
pub const DAYS: &str = sums!(
    "CASE q.grain WHEN 'DAY' THEN d.day WHEN 'WEEK' THEN date_trunc('week', d.day::timestamp)::date \
     WHEN 'MONTH' THEN date_trunc('month', d.day::timestamp)::date ELSE q.since END AS part",
    "FROM jsonb_to_recordset($2) AS q (n integer, programs uuid[], since date, until date, grain text) \
     CROSS JOIN LATERAL unnest(coalesce(q.programs, ARRAY(SELECT id FROM programs WHERE account_id = $1))) \
     AS w (program_id)",
    "SELECT day, currency, applications, partners, signups, paying_customers, sales, revenue, rewards FROM program_days \
     WHERE account_id = $1 AND program_id = w.program_id AND day >= q.since AND day < q.until \
     UNION ALL SELECT day, currency, applications, partners, signups, paying_customers, sales, revenue, rewards \
     FROM stat_deltas WHERE account_id = $1 AND program_id = w.program_id AND partner_id IS NULL \
     AND day >= q.since AND day < q.until"
);

/// Figures of programs by hour.
pub const HOURS: &str = sums!(
    "d.hour AS part",
    "FROM jsonb_to_recordset($2) AS q (n integer, programs uuid[], since timestamptz, until timestamptz, first date, \
     last date) CROSS JOIN LATERAL unnest(coalesce(q.programs, ARRAY(SELECT id FROM programs WHERE account_id = $1))) \
     AS w (program_id)",
    "SELECT hour, currency, applications, partners, signups, paying_customers, sales, revenue, rewards FROM program_hours \
     WHERE account_id = $1 AND program_id = w.program_id AND hour >= q.since AND hour <= q.until \
     UNION ALL SELECT hour, currency, applications, partners, signups, paying_customers, sales, revenue, rewards \
     FROM stat_deltas WHERE account_id = $1 AND program_id = w.program_id AND partner_id IS NULL \
     AND day >= q.first AND day < q.last AND hour >= q.since AND hour <= q.until"
);

/// Figures of partners by day or longer.
pub const PARTNERS: &str = sums!(
    "CASE q.grain WHEN 'DAY' THEN d.day WHEN 'WEEK' THEN date_trunc('week', d.day::timestamp)::date \
     WHEN 'MONTH' THEN date_trunc('month', d.day::timestamp)::date ELSE q.since END AS part",
    "FROM jsonb_to_recordset($2) AS q (n integer, partner uuid, since date, until date, grain text)",
    "SELECT day, currency, 0 AS applications, 0 AS partners, signups, paying_customers, sales, revenue, rewards \
     FROM partner_days WHERE account_id = $1 AND partner_id = q.partner AND day >= q.since AND day < q.until \
     AND ($3 IS NULL OR program_id = ANY ($3)) \
     UNION ALL SELECT day, currency, 0, 0, signups, paying_customers, sales, revenue, rewards \
     FROM stat_deltas WHERE account_id = $1 AND partner_id = q.partner AND day >= q.since AND day < q.until \
     AND ($3 IS NULL OR program_id = ANY ($3))"
);

#[derive(QueryableByName)]
struct OfDay {
    #[diesel(sql_type = Integer)]
    n: i32,
    #[diesel(sql_type = Date)]
    part: NaiveDate,
    #[diesel(embed)]
    sums: Sums,
}

#[derive(QueryableByName)]
struct OfHour {
    #[diesel(sql_type = Integer)]
    n: i32,
    #[diesel(sql_type = Timestamptz)]
    part: DateTime<Utc>,
    #[diesel(embed)]
    sums: Sums,
}

/// Questions in the form of a statement's parameter.
#[derive(Default)]
struct Asked {
    days: Vec<serde_json::Value>,
    hours: Vec<serde_json::Value>,
    partners: Vec<serde_json::Value>,
}

impl Asked {
    fn of(scope: &AccountScope, questions: &[Question]) -> Self {
        let mut asked = Self::default();
        for (n, question) in questions.iter().enumerate() {
            let (since, until) = (question.range.from(), question.range.to());
            match (&question.of, question.by) {
                (Subject::Partner(partner), by) => asked.partners.push(
                    json!({ "n": n, "partner": uuid(partner), "since": since, "until": until, "grain": word(by) }),
                ),
                (Subject::Programs(programs), Grain::Hour(calendar)) => {
                    let hours = calendar.hours(since, until);
                    let (Some(first), Some(last)) = (hours.as_slice().first(), hours.as_slice().last()) else { continue };
                    asked.hours.push(json!({
                        "n": n, "programs": narrowed(scope, programs), "since": first, "until": last,
                        "first": since, "last": until,
                    }));
                }
                (Subject::Programs(programs), by) => asked.days.push(json!({
                    "n": n, "programs": narrowed(scope, programs), "since": since, "until": until, "grain": word(by),
                })),
            }
        }
        asked
    }
}

fn uuid(id: &impl ids::TypedId) -> uuid::Uuid {
    id.uuid()
}

/// The programs of a question that are in reach; `None` is all of the account.
pub(super) fn narrowed(
    scope: &AccountScope,
    programs: &Option<Vec<ids::ProgramId>>,
) -> Option<Vec<uuid::Uuid>> {
    scope.narrow(programs.clone()).map(|programs| programs.iter().map(uuid).collect())
}

fn word(grain: Grain) -> &'static str {
    match grain {
        Grain::Whole | Grain::Hour(_) => "WHOLE",
        Grain::Day => "DAY",
        Grain::Week => "WEEK",
        Grain::Month => "MONTH",
    }
}

impl Question {
    /// Answers questions, in their order, each exactly as of one moment: by one statement for all that are about days of
    /// programs, one for hours, one for partners.
    ///
    /// # Errors
    /// The database's.
    pub async fn answer(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        questions: &[Self],
    ) -> QueryResult<Vec<Answer>> {
        let asked = Asked::of(scope, questions);
        let mut answers = vec![Answer::new(); questions.len()];
        let mut take = |n: i32, start: Start, sums: &Sums| {
            if let Some(answer) = usize::try_from(n).ok().and_then(|n| answers.get_mut(n)) {
                answer.entry(start).or_default().add(sums);
            }
        };
        if !asked.days.is_empty() {
            let query = sql_query(DAYS)
                .bind::<Uuid, _>(scope.account_id)
                .bind::<Jsonb, _>(serde_json::Value::Array(asked.days));
            let rows: Vec<OfDay> = query.prepared().load(conn).await?;
            rows.iter().for_each(|row| take(row.n, Start::Day(row.part), &row.sums));
        }
        if !asked.hours.is_empty() {
            let query = sql_query(HOURS)
                .bind::<Uuid, _>(scope.account_id)
                .bind::<Jsonb, _>(serde_json::Value::Array(asked.hours));
            let rows: Vec<OfHour> = query.prepared().load(conn).await?;
            rows.iter().for_each(|row| take(row.n, Start::Hour(row.part), &row.sums));
        }
        if !asked.partners.is_empty() {
            let query = sql_query(PARTNERS)
                .bind::<Uuid, _>(scope.account_id)
                .bind::<Jsonb, _>(serde_json::Value::Array(asked.partners))
                .bind::<Nullable<Array<Uuid>>, _>(scope.programs());
            let rows: Vec<OfDay> = query.prepared().load(conn).await?;
            rows.iter().for_each(|row| take(row.n, Start::Day(row.part), &row.sums));
        }
        Ok(answers)
    }
}
