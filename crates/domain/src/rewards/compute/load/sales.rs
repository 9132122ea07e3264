use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::TransactionId;
use money::Rate;

use crate::{
    programs::Program,
    rates::ExchangeRate,
    rewards::{NewSale, RateFacts},
    schema::transactions,
    scope::AccountScope,
    transactions::{Transaction, TransactionItem},
};

/// A recorded sale as the book takes it, with its row.
pub(in crate::rewards::compute) struct LoadedSale {
    pub(in crate::rewards::compute) row: Transaction,
    pub(in crate::rewards::compute) sale: Result<NewSale, String>,
}

/// Loads these sales with their items and rates.
pub(in crate::rewards::compute) async fn load(
    conn: &mut AsyncPgConnection,
    program: &Program,
    ids: &[TransactionId],
) -> QueryResult<HashMap<TransactionId, LoadedSale>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Transaction> = transactions::table
        .filter(transactions::account_id.eq(program.account_id))
        .filter(transactions::id.eq_any(ids))
        .select(Transaction::as_select())
        .load(conn)
        .await?;
    let mut items: HashMap<TransactionId, Vec<TransactionItem>> = HashMap::new();
    for item in TransactionItem::of(conn, &AccountScope::whole(program.account_id), ids).await? {
        items.entry(item.transaction_id).or_default().push(item);
    }
    let rates = rates(conn, program, &rows).await?;
    let loaded = rows.into_iter().map(|row| {
        let items = items.get(&row.id).map(Vec::as_slice).unwrap_or_default();
        let sale = row.lines(items).map_err(|error| error.to_string()).map(|lines| NewSale {
            id: row.id,
            key: row.key.clone(),
            customer: row.customer_id,
            at: row.occurred_at,
            currency: row.currency,
            gross: row.gross,
            net: lines.net,
            lines: lines.lines,
            rewardable: row.rewardable,
            coupon: row.coupon_code.clone(),
            rate: rates.get(&row.id).copied(),
        });
        (row.id, LoadedSale { row, sale })
    });
    Ok(loaded.collect())
}

/// The rate of each sale to the program's currency, where there is one.
pub(super) async fn rates(
    conn: &mut AsyncPgConnection,
    program: &Program,
    sales: &[Transaction],
) -> QueryResult<HashMap<TransactionId, RateFacts>> {
    let (same, other): (Vec<&Transaction>, Vec<&Transaction>) =
        sales.iter().partition(|sale| sale.currency == program.currency);
    let asked: Vec<_> =
        other.iter().map(|sale| (sale.currency, program.currency, sale.occurred_at)).collect();
    let found = ExchangeRate::latest(conn, program.account_id, &asked).await?;
    let converted = other.iter().zip(found).filter_map(|(sale, rate)| {
        let rate = rate?;
        Some((sale.id, RateFacts { rate: rate.rate, at: Some(rate.at) }))
    });
    let identity = RateFacts { rate: Rate::ONE, at: None };
    Ok(same.into_iter().map(|sale| (sale.id, identity)).chain(converted).collect())
}
