use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::TypedId;
use vault::Vault;

use super::PayoutMethod;
use crate::{act::Act, schema::payout_methods};

/// The most methods that are sealed anew in one transaction.
pub const RESEAL_BATCH: usize = 200;

impl PayoutMethod {
    /// Seals by the vault's present key what was sealed by an older one; answers how many. Fewer than [`RESEAL_BATCH`] means that
    /// none is left. What no key opens stays as it is, and is counted by `verify`.
    ///
    /// # Errors
    /// The database's.
    pub async fn reseal(conn: &mut AsyncPgConnection, vault: &Vault, act: &Act) -> QueryResult<usize> {
        conn.transaction(async |conn| {
            let older: Vec<Self> = payout_methods::table
                .filter(payout_methods::key_id.ne(vault.current_key_id()))
                .order(payout_methods::id)
                .limit(i64::try_from(RESEAL_BATCH).unwrap_or(i64::MAX))
                .for_no_key_update()
                .skip_locked()
                .select(Self::as_select())
                .load(conn)
                .await?;
            let mut resealed = 0;
            for method in older {
                let aad = *method.id.uuid().as_bytes();
                let Ok(plain) = vault.open(&method.key_id, &method.details, &aad) else { continue };
                let Ok(sealed) = vault.seal(&plain, &aad, act.ids.secret::<12>()) else { continue };
                diesel::update(payout_methods::table.find(method.id))
                    .set((
                        payout_methods::key_id.eq(sealed.key_id),
                        payout_methods::details.eq(sealed.bytes),
                        payout_methods::updated_at.eq(act.now),
                    ))
                    .execute(conn)
                    .await?;
                resealed += 1;
            }
            Ok(resealed)
        })
        .await
    }
}
