use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use diesel::NullableExpressionMethods;
use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use domain::schema::evaluations;
use ids::TransactionId;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::seed::Shop;

/// How often is looked: what is seen was there at most that much earlier.
const EVERY: Duration = Duration::from_millis(2);

/// When the rewards of sales could be read by others.
pub type Seen = HashMap<TransactionId, Instant>;

/// Looks for new rewards of a shop.
pub struct Watch {
    stop: CancellationToken,
    task: JoinHandle<anyhow::Result<Seen>>,
}

impl Watch {
    /// Begins behind the last reward that there is.
    pub async fn start(url: &str, shop: &Shop) -> anyhow::Result<Self> {
        let (mut conn, stop) = (AsyncPgConnection::establish(url).await?, CancellationToken::new());
        let last = new(&mut conn, shop, 0).await?.last().map_or(0, |row| row.0);
        let task = tokio::spawn(watch(conn, shop.clone(), last, stop.clone()));
        Ok(Self { stop, task })
    }

    /// Looks once more, and answers what was seen.
    pub async fn stop(self) -> anyhow::Result<Seen> {
        self.stop.cancel();
        self.task.await?
    }
}

async fn watch(
    mut conn: AsyncPgConnection,
    shop: Shop,
    mut last: i64,
    stop: CancellationToken,
) -> anyhow::Result<Seen> {
    let mut seen = Seen::new();
    loop {
        let is_last_look = stop.is_cancelled();
        let rows = new(&mut conn, &shop, last).await?;
        let now = Instant::now();
        last = rows.last().map_or(last, |row| row.0);
        seen.extend(rows.into_iter().map(|(_, sale)| (sale, now)));
        if is_last_look {
            return Ok(seen);
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// The evaluations behind a position: each commits with the reward of its sale. A program has one writer, which follows
/// the positions, so that nothing is missed.
async fn new(
    conn: &mut AsyncPgConnection,
    shop: &Shop,
    last: i64,
) -> diesel::QueryResult<Vec<(i64, TransactionId)>> {
    evaluations::table
        .filter(evaluations::account_id.eq(shop.account_id))
        .filter(evaluations::program_id.eq(shop.program_id))
        .filter(evaluations::position.gt(last))
        .filter(evaluations::transaction_id.is_not_null())
        .order(evaluations::position)
        .select((evaluations::position, evaluations::transaction_id.assume_not_null()))
        .load(conn)
        .await
}
