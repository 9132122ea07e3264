//! Which of the sales that wait for a rate one run evaluates again.

use diesel::{
    QueryResult, QueryableByName, sql_query,
    sql_types::{Array, BigInt, Text, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::TransactionId;
use money::Currency;

use crate::{
    prepared::Prepare,
    programs::Program,
    rewards::compute::{
        COMPUTE_BATCH,
        bound::affordable_sales,
        facts::{Fact, What},
    },
    terms::TermsInForce,
};

/// Sales in these currencies that wait for a rate, in recorded order, for which another rate counts than the one with which they
/// were evaluated. $1 account, $2 program, $3 the program's currency, $4 the currencies, $5 at most.
const UNRATED: &str = "\
    SELECT t.id FROM non_rewards n JOIN transactions t ON t.id = n.transaction_id \
    JOIN evaluations e ON e.source = n.source AND e.number = n.evaluation \
    CROSS JOIN LATERAL (SELECT r.rate, r.at FROM exchange_rates r WHERE r.account_id = $1 \
        AND r.from_currency = t.currency AND r.to_currency = $3 AND r.at <= t.occurred_at \
        ORDER BY r.at DESC, r.seq DESC LIMIT 1) r \
    WHERE n.account_id = $1 AND n.program_id = $2 AND n.reason = 'RATE_MISSING' AND n.superseded_at IS NULL \
    AND t.currency = ANY ($4) AND (r.at IS DISTINCT FROM (e.facts #>> '{sale,rate,at}')::timestamptz \
        OR r.rate IS DISTINCT FROM (e.facts #>> '{sale,rate,rate}')::numeric) \
    ORDER BY n.id LIMIT $5";

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = Uuid)]
    id: TransactionId,
}

/// What a run does of the rates that its facts have stored.
pub(super) struct Rated {
    /// The sales that they are for, in recorded order.
    pub(super) sales: Vec<TransactionId>,
    /// How many of the facts are taken: if too many sales wait, none behind the first rate.
    pub(super) taken: usize,
    /// Whether more sales wait for that one than are taken.
    pub(super) is_more: bool,
}

impl Rated {
    /// Finds as many as one run takes: whoever imports the first rate after a year of sales waits for all of them, in many runs.
    pub(super) async fn load(
        conn: &mut AsyncPgConnection,
        program: &Program,
        terms: &[TermsInForce],
        facts: &[Fact],
    ) -> QueryResult<Self> {
        let rate = |(place, fact): (usize, &Fact)| match fact.what {
            What::Rate(from) => Some((place, from)),
            _ => None,
        };
        let rates: Vec<(usize, Currency)> = facts.iter().enumerate().filter_map(rate).collect();
        let &[(first, from), ..] = rates.as_slice() else {
            return Ok(Self { sales: Vec::new(), taken: facts.len(), is_more: false });
        };
        let all: Vec<Currency> = rates.into_iter().map(|(_, from)| from).collect();
        let (sales, is_more) = waiting(conn, program, terms, &all).await?;
        if !is_more {
            return Ok(Self { sales, taken: facts.len(), is_more });
        }
        let (sales, is_more) = waiting(conn, program, terms, &[from]).await?;
        Ok(Self { sales, taken: first + 1, is_more })
    }
}

/// As many as one run takes, and whether there are more.
async fn waiting(
    conn: &mut AsyncPgConnection,
    program: &Program,
    terms: &[TermsInForce],
    currencies: &[Currency],
) -> QueryResult<(Vec<TransactionId>, bool)> {
    let rows: Vec<Waiting> = sql_query(UNRATED)
        .bind::<Uuid, _>(program.account_id)
        .bind::<Uuid, _>(program.id)
        .bind::<Text, _>(program.currency)
        .bind::<Array<Text>, _>(currencies.to_vec())
        .bind::<BigInt, _>(COMPUTE_BATCH + 1)
        .prepared()
        .load(conn)
        .await?;
    let mut sales: Vec<TransactionId> = rows.into_iter().map(|row| row.id).collect();
    let all = sales.len();
    let fitting = affordable_sales(conn, program.account_id, terms, &sales).await?;
    sales.truncate(fitting.min(usize::try_from(COMPUTE_BATCH).unwrap_or(usize::MAX)));
    let is_more = sales.len() < all;
    Ok((sales, is_more))
}
