use chrono::{DateTime, Utc};
use diesel::{
    QueryResult, QueryableByName, sql_query,
    sql_types::{Array, BigInt, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::AccountId;
use money::Currency;

use super::ExchangeRate;
use crate::prepared::Prepare;

/// $1 account, $2 from, $3 to, $4 at, in step.
const LATEST: &str = "\
    SELECT a.place, r.id, r.account_id, r.from_currency, r.to_currency, r.rate, r.at, r.source, r.stored_at \
    FROM unnest($2, $3, $4) WITH ORDINALITY AS a (from_currency, to_currency, at, place) CROSS JOIN LATERAL \
    (SELECT e.* FROM exchange_rates e WHERE e.account_id = $1 AND e.from_currency = a.from_currency \
    AND e.to_currency = a.to_currency AND e.at <= a.at ORDER BY e.at DESC, e.seq DESC LIMIT 1) r";

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(embed)]
    rate: ExchangeRate,
}

impl ExchangeRate {
    /// For each of these conversions (from, to, when) the rate that counts: the latest at or before that time, and of two of
    /// one time the one stored later. In the order asked, in one statement.
    ///
    /// # Errors
    /// The database's.
    pub async fn latest(
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        asked: &[(Currency, Currency, DateTime<Utc>)],
    ) -> QueryResult<Vec<Option<Self>>> {
        let mut latest = vec![None; asked.len()];
        if asked.is_empty() {
            return Ok(latest);
        }
        let found: Vec<Found> = sql_query(LATEST)
            .bind::<Uuid, _>(account_id)
            .bind::<Array<Text>, _>(asked.iter().map(|asked| asked.0).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(asked.iter().map(|asked| asked.1).collect::<Vec<_>>())
            .bind::<Array<Timestamptz>, _>(asked.iter().map(|asked| asked.2).collect::<Vec<_>>())
            .prepared()
            .load(conn)
            .await?;
        for found in found {
            let place = usize::try_from(found.place - 1).ok();
            if let Some(slot) = place.and_then(|place| latest.get_mut(place)) {
                *slot = Some(found.rate);
            }
        }
        Ok(latest)
    }
}
