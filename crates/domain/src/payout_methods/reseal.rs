use diesel::{
    prelude::*,
    sql_types::{Array, Binary, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{PayoutMethodId, TypedId};
use vault::Vault;

use super::PayoutMethod;
use crate::{act::Act, schema::payout_methods};

/// The most methods that are sealed anew in one transaction.
const BATCH: usize = 200;

const RESEAL: &str = "\
    UPDATE payout_methods m SET key_id = $1, details = s.details, updated_at = $2 \
    FROM unnest($3, $4) AS s (id, details) WHERE m.id = s.id";

impl PayoutMethod {
    /// Seals by the vault's present key what was sealed by an older one of it, of the methods behind `after`; answers behind which
    /// to go on, `None` at the end. What no key of the vault opens stays as it is.
    ///
    /// # Errors
    /// The database's.
    pub async fn reseal(
        conn: &mut AsyncPgConnection,
        vault: &Vault,
        after: Option<PayoutMethodId>,
        act: &Act,
    ) -> QueryResult<Option<PayoutMethodId>> {
        conn.transaction(async |conn| {
            let older: Vec<Self> = payout_methods::table
                .filter(payout_methods::key_id.eq_any(vault.older_key_ids()))
                .filter(payout_methods::id.gt(after.map_or(uuid::Uuid::nil(), |after| after.uuid())))
                .order(payout_methods::id)
                .limit(i64::try_from(BATCH).unwrap_or(i64::MAX))
                .for_no_key_update()
                .select(Self::as_select())
                .load(conn)
                .await?;
            let last = (older.len() == BATCH).then(|| older.last().map(|method| method.id)).flatten();
            let anew = older.iter().filter_map(|method| method.sealed_anew(vault, act));
            let (ids, details): (Vec<PayoutMethodId>, Vec<Vec<u8>>) = anew.unzip();
            diesel::sql_query(RESEAL)
                .bind::<Text, _>(vault.current_key_id())
                .bind::<Timestamptz, _>(act.now)
                .bind::<Array<Uuid>, _>(&ids)
                .bind::<Array<Binary>, _>(&details)
                .execute(conn)
                .await?;
            Ok(last)
        })
        .await
    }

    /// How many methods no key of the vault opens, by the ids of keys; all of them without a vault.
    ///
    /// # Errors
    /// The database's.
    pub async fn count_unopenable(conn: &mut AsyncPgConnection, vault: Option<&Vault>) -> QueryResult<i64> {
        let mut known: Vec<&str> = vault.map(Vault::older_key_ids).unwrap_or_default();
        known.extend(vault.map(Vault::current_key_id));
        payout_methods::table
            .filter(diesel::dsl::not(payout_methods::key_id.eq_any(known)))
            .count()
            .get_result(conn)
            .await
    }

    fn sealed_anew(&self, vault: &Vault, act: &Act) -> Option<(PayoutMethodId, Vec<u8>)> {
        let aad = self.id.uuid();
        let plain = vault.open(&self.key_id, &self.details, aad.as_bytes()).ok()?;
        let sealed = vault.seal(&plain, aad.as_bytes(), act.ids.secret::<12>()).ok()?;
        Some((self.id, sealed.bytes))
    }
}
