use diesel::{
    QueryResult, QueryableByName, sql_query,
    sql_types::{BigInt, Integer, Jsonb, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::ProgramId;
use money::Currency;

use serde_json::json;

use super::{DateRange, Figures, Metric, answer::narrowed, figures::Sums};
use crate::{partners::Partner, prepared::Prepare, scope::AccountScope};

/// Which partners are the best, and by what.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ranking {
    /// Of these programs; `None` is all in reach.
    pub programs: Option<Vec<ProgramId>>,
    /// In which days.
    pub range: DateRange,
    /// By what; not by what partners do not have.
    pub by: Metric,
    /// Whose amounts are compared, if it is an amount.
    pub currency: Option<Currency>,
    /// How many, at most.
    pub first: i64,
}

/// A partner with its place.
#[derive(Debug, Clone)]
pub struct RankedPartner {
    /// The partner.
    pub partner: Partner,
    /// What it is ranked by.
    pub value: i64,
    /// The same of all partners together.
    pub total: i64,
    /// All its figures of the days.
    pub figures: Figures,
}

/// The best partners of each question with all their figures.
pub const SQL: &str = "
WITH asked AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($2) AS q (n integer, programs uuid[], since date, until date, metric text,
        currency text, most bigint)
), each AS MATERIALIZED (
    SELECT q.n, d.partner_id, d.currency, sum(d.signups)::bigint AS signups,
        sum(d.paying_customers)::bigint AS paying_customers, sum(d.sales)::bigint AS sales,
        greatest(least(sum(d.revenue), 9223372036854775807), -9223372036854775807)::bigint AS revenue,
        greatest(least(sum(d.rewards), 9223372036854775807), -9223372036854775807)::bigint AS rewards
    FROM asked q
    CROSS JOIN LATERAL unnest(coalesce(q.programs, ARRAY(SELECT id FROM programs WHERE account_id = $1)))
        AS w (program_id)
    CROSS JOIN LATERAL (
        SELECT partner_id, currency, signups, paying_customers, sales, revenue, rewards FROM partner_days
        WHERE account_id = $1 AND program_id = w.program_id AND day >= q.since AND day < q.until
        UNION ALL SELECT partner_id, currency, signups, paying_customers, sales, revenue, rewards FROM stat_deltas
        WHERE account_id = $1 AND program_id = w.program_id AND partner_id IS NOT NULL AND day >= q.since
            AND day < q.until
    ) AS d GROUP BY 1, 2, 3
), valued AS (
    SELECT q.n, q.most, e.partner_id, sum(CASE q.metric WHEN 'SIGNUPS' THEN e.signups
        WHEN 'PAYING_CUSTOMERS' THEN e.paying_customers WHEN 'SALES' THEN e.sales WHEN 'REVENUE' THEN e.revenue
        WHEN 'REWARDS' THEN e.rewards END) AS value
    FROM asked q JOIN each e ON e.n = q.n AND (q.currency IS NULL OR e.currency = q.currency) GROUP BY 1, 2, 3
), placed AS (
    SELECT n, most, partner_id, value, sum(value) OVER (PARTITION BY n) AS total,
        row_number() OVER (PARTITION BY n ORDER BY value DESC, partner_id) AS place
    FROM valued WHERE value > 0
)
SELECT b.n, p.*, least(b.value, 9223372036854775807)::bigint AS value,
    least(b.total, 9223372036854775807)::bigint AS total, e.currency, 0::bigint AS applications, 0::bigint AS partners,
    e.signups, e.paying_customers, e.sales, e.revenue, e.rewards
FROM placed b JOIN partners p ON p.account_id = $1 AND p.id = b.partner_id
JOIN each e ON e.n = b.n AND e.partner_id = b.partner_id
WHERE b.place <= b.most ORDER BY b.n, b.place, e.currency";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Integer)]
    n: i32,
    #[diesel(embed)]
    partner: Partner,
    #[diesel(sql_type = BigInt)]
    value: i64,
    #[diesel(sql_type = BigInt)]
    total: i64,
    #[diesel(embed)]
    sums: Sums,
}

impl Ranking {
    /// The best partners of each ranking, the best first; those with nothing are left out. Of equals the one who came first
    /// leads.
    ///
    /// # Errors
    /// The database's.
    pub async fn partners(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        rankings: &[Self],
    ) -> QueryResult<Vec<Vec<RankedPartner>>> {
        let asked = rankings.iter().enumerate().map(|(n, ranking)| ranking.asked(scope, n)).collect();
        let rows: Vec<Row> = sql_query(SQL)
            .bind::<Uuid, _>(scope.account_id)
            .bind::<Jsonb, _>(serde_json::Value::Array(asked))
            .prepared()
            .load(conn)
            .await?;
        let mut answers: Vec<Vec<RankedPartner>> = vec![Vec::new(); rankings.len()];
        for Row { n, partner, value, total, sums } in rows {
            let Some(ranked) = usize::try_from(n).ok().and_then(|n| answers.get_mut(n)) else { continue };
            if ranked.last().is_none_or(|last| last.partner.id != partner.id) {
                ranked.push(RankedPartner { partner, value, total, figures: Figures::default() });
            }
            if let Some(last) = ranked.last_mut() {
                last.figures.add(&sums);
            }
        }
        Ok(answers)
    }

    /// In the form of the statement's parameter.
    fn asked(&self, scope: &AccountScope, n: usize) -> serde_json::Value {
        let currency = self.currency.filter(|_| self.by.is_money());
        json!({
            "n": n, "programs": narrowed(scope, &self.programs), "since": self.range.from(), "until": self.range.to(),
            "metric": self.by, "currency": currency, "most": self.first,
        })
    }
}
