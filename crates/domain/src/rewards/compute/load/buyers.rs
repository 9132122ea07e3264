//! What of a customer's earlier sales is needed beyond their number: those behind the first when it is void, and those that
//! later ones may look like.

use chrono::{DateTime, Utc};
use diesel::{
    QueryResult, QueryableByName, sql_query,
    sql_types::{Array, BigInt, Integer, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{CustomerId, TransactionId};
use money::Currency;

use crate::{prepared::Prepare, programs::Program, rewards::Book};

#[derive(QueryableByName)]
struct Earlier {
    #[diesel(sql_type = SqlUuid)]
    customer_id: CustomerId,
    #[diesel(sql_type = SqlUuid)]
    id: TransactionId,
    #[diesel(sql_type = Timestamptz)]
    occurred_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    gross: i64,
}

const COUNTING: &str = "\
    SELECT t.customer_id, t.id, t.occurred_at, t.currency, t.gross FROM transactions t \
    JOIN evaluations e ON e.account_id = t.account_id AND e.transaction_id = t.id AND e.number = 1 \
    WHERE t.account_id = $1 AND t.customer_id = ANY ($2) AND t.rewardable AND t.net > 0 \
    AND NOT EXISTS (SELECT FROM adjustments a WHERE a.account_id = t.account_id AND a.transaction_id = t.id \
    AND a.kind = 'VOID') ORDER BY e.position";

const TWINS: &str = "\
    SELECT DISTINCT t.customer_id, t.id, t.occurred_at, t.currency, t.gross FROM transactions n \
    JOIN transactions t ON t.account_id = n.account_id AND t.customer_id = n.customer_id AND t.currency = n.currency \
    AND t.gross = n.gross AND t.id <> n.id AND t.occurred_at BETWEEN n.occurred_at - make_interval(mins => $3) \
    AND n.occurred_at + make_interval(mins => $3) \
    JOIN evaluations e ON e.account_id = t.account_id AND e.transaction_id = t.id AND e.number = 1 \
    WHERE n.account_id = $1 AND n.id = ANY ($2)";

/// Tells the book of all sales of these customers that count.
pub(super) async fn counting(
    conn: &mut AsyncPgConnection,
    program: &Program,
    customers: &[CustomerId],
    book: &mut Book<'_>,
) -> QueryResult<()> {
    if customers.is_empty() {
        return Ok(());
    }
    let rows: Vec<Earlier> = sql_query(COUNTING)
        .bind::<SqlUuid, _>(program.account_id)
        .bind::<Array<SqlUuid>, _>(customers)
        .prepared()
        .load(conn)
        .await?;
    for row in rows {
        if let Some(customer) = book.customer_mut(row.customer_id)
            && customer.first.is_some_and(|(first, _)| first != row.id)
        {
            customer.later.push((row.id, row.occurred_at));
        }
    }
    Ok(())
}

/// Tells the book of earlier sales that look like those of the batch, if some version asks for it.
pub(super) async fn twins(
    conn: &mut AsyncPgConnection,
    program: &Program,
    sales: &[TransactionId],
    book: &mut Book<'_>,
) -> QueryResult<()> {
    let minutes = book.versions().iter().filter_map(|version| version.duplicate_sale_minutes).max();
    let (Some(minutes), false) = (minutes, sales.is_empty()) else { return Ok(()) };
    let rows: Vec<Earlier> = sql_query(TWINS)
        .bind::<SqlUuid, _>(program.account_id)
        .bind::<Array<SqlUuid>, _>(sales)
        .bind::<Integer, _>(minutes)
        .prepared()
        .load(conn)
        .await?;
    for row in rows {
        if let Some(customer) = book.customer_mut(row.customer_id) {
            customer.recent.push((row.id, row.occurred_at, row.currency, row.gross));
        }
    }
    Ok(())
}
