use diesel::{
    QueryResult, sql_query,
    sql_types::{Array, BigInt, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{programs::Program, rewards::compute::outcome::Outcome};

/// Notes where adjustments were taken from the feed, which sale they are of, and which cannot be counted.
pub(super) async fn update(
    conn: &mut AsyncPgConnection,
    program: &Program,
    outcome: &Outcome,
) -> QueryResult<()> {
    if !outcome.taken.is_empty() {
        let (ids, positions): (Vec<_>, Vec<_>) = outcome.taken.iter().copied().unzip();
        sql_query(
            "UPDATE adjustments a SET position = t.position FROM unnest($2, $3) AS t (id, position) \
             WHERE a.account_id = $1 AND a.id = t.id",
        )
        .bind::<SqlUuid, _>(program.account_id)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<BigInt>, _>(positions)
        .execute(conn)
        .await?;
    }
    if !outcome.joined.is_empty() {
        let (ids, sales): (Vec<_>, Vec<_>) = outcome.joined.iter().copied().unzip();
        sql_query(
            "UPDATE adjustments a SET transaction_id = t.sale FROM unnest($2, $3) AS t (id, sale) \
             WHERE a.account_id = $1 AND a.id = t.id AND a.transaction_id IS NULL",
        )
        .bind::<SqlUuid, _>(program.account_id)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<SqlUuid>, _>(sales)
        .execute(conn)
        .await?;
    }
    if !outcome.refused.is_empty() {
        let (ids, reasons): (Vec<_>, Vec<_>) = outcome.refused.iter().copied().unzip();
        sql_query(
            "UPDATE adjustments a SET refused = t.refused FROM unnest($2, $3) AS t (id, refused) \
             WHERE a.account_id = $1 AND a.id = t.id AND a.refused IS NULL",
        )
        .bind::<SqlUuid, _>(program.account_id)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<Text>, _>(reasons)
        .execute(conn)
        .await?;
    }
    Ok(())
}
