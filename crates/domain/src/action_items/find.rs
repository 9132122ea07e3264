use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryResult, QueryableByName, sql_query,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::ProgramId;
use money::{Currency, Money};

use super::{ActionItem, ActionItemKind, statement::OPEN};
use crate::{prepared::Prepare, scope::AccountScope};

/// Counting stops here: "10,000+".
pub const COUNTED_AT_MOST: i64 = 10_000;

/// How long an email that did not arrive is shown.
const LATELY: TimeDelta = TimeDelta::days(7);

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    kind: ActionItemKind,
    #[diesel(sql_type = Nullable<Uuid>)]
    program_id: Option<ProgramId>,
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    currencies: Option<Vec<Currency>>,
    #[diesel(sql_type = Nullable<Array<BigInt>>)]
    amounts: Option<Vec<i64>>,
    #[diesel(sql_type = Timestamptz)]
    oldest_at: DateTime<Utc>,
}

impl From<Row> for ActionItem {
    fn from(row: Row) -> Self {
        let sums = row.currencies.unwrap_or_default().into_iter().zip(row.amounts.unwrap_or_default());
        Self {
            kind: row.kind,
            program_id: row.program_id,
            count: row.count,
            amounts: sums.map(|(currency, minor)| Money::new(minor, currency)).collect(),
            oldest_at: row.oldest_at,
        }
    }
}

impl ActionItem {
    /// What of these kinds waits in reach, the most urgent first and the oldest first among equals; at most `most` items. One
    /// statement, whatever the number of programs.
    ///
    /// # Errors
    /// The database's.
    pub async fn open(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        kinds: &[ActionItemKind],
        most: i64,
        now: DateTime<Utc>,
    ) -> QueryResult<Vec<Self>> {
        let mut kinds = kinds.to_vec();
        kinds.sort_unstable();
        let rows: Vec<Row> = sql_query(OPEN)
            .bind::<Uuid, _>(scope.account_id)
            .bind::<Nullable<Array<Uuid>>, _>(scope.programs())
            .bind::<Array<Text>, _>(kinds)
            .bind::<BigInt, _>(COUNTED_AT_MOST)
            .bind::<Timestamptz, _>(now - LATELY)
            .bind::<Timestamptz, _>(now)
            .bind::<BigInt, _>(most)
            .prepared()
            .load(conn)
            .await?;
        Ok(rows.into_iter().map(Self::from).collect())
    }
}
