use diesel::{
    prelude::*,
    sql_types::{Array, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, PartnerId, PartnerProfileId, PayoutMethodId, TypedId};
use payout_details::PayoutDetails;
use vault::Vault;

use super::PayoutMethod;
use crate::{
    prepared::Prepare,
    schema::{partners, payout_methods},
    scope::AccountScope,
};

const HISTORY: &str = "\
    SELECT mine.* FROM unnest($2) AS wanted (id) CROSS JOIN LATERAL ( \
      SELECT m.* FROM payout_methods m WHERE m.account_id = $1 AND m.profile_id = wanted.id ORDER BY m.id DESC LIMIT 100 \
    ) AS mine ORDER BY mine.id DESC";

/// Why the details cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum UnsealError {
    /// The vault does not open them.
    #[error(transparent)]
    Vault(#[from] vault::OpenError),
    /// They were written by a binary that knew other words.
    #[error("details of an unknown form")]
    Form,
}

impl PayoutMethod {
    /// The methods of these ids that have a partner in reach, in no order, archived ones too: a payout keeps the one that it was
    /// made with.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[PayoutMethodId],
    ) -> QueryResult<Vec<Self>> {
        in_reach(scope).filter(payout_methods::id.eq_any(ids)).select(Self::as_select()).load(conn).await
    }

    /// The methods of these profiles that were not put away and that have a partner in reach, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_profiles(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        profiles: &[PartnerProfileId],
    ) -> QueryResult<Vec<Self>> {
        in_reach(scope)
            .filter(payout_methods::profile_id.eq_any(profiles))
            .filter(payout_methods::archived_at.is_null())
            .order(payout_methods::id.desc())
            .select(Self::as_select())
            .load(conn)
            .await
    }

    /// The methods of each of these profiles, which were found in the scope: those that were put away too, the newest first, the
    /// last 100 of each.
    ///
    /// # Errors
    /// The database's.
    pub async fn history_of_profiles(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        profiles: &[PartnerProfileId],
    ) -> QueryResult<Vec<Self>> {
        diesel::sql_query(HISTORY)
            .bind::<Uuid, _>(scope.account_id)
            .bind::<Array<Uuid>, _>(profiles)
            .prepared()
            .load(conn)
            .await
    }

    /// The method that a partner is paid to.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn default_of(
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        partner_id: PartnerId,
    ) -> QueryResult<Option<Self>> {
        let profile = partners::table
            .filter(partners::account_id.eq(account_id))
            .filter(partners::id.eq(partner_id))
            .select(partners::profile_id);
        payout_methods::table
            .filter(payout_methods::account_id.eq(account_id))
            .filter(payout_methods::profile_id.eq_any(profile))
            .filter(payout_methods::default_since.is_not_null())
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()
    }

    /// The details themselves, for whoever pays.
    ///
    /// # Errors
    /// [`UnsealError`].
    pub fn unsealed(&self, vault: &Vault) -> Result<PayoutDetails, UnsealError> {
        let opened = vault.open(&self.key_id, &self.details, self.id.uuid().as_bytes())?;
        serde_json::from_slice(&opened).map_err(|_| UnsealError::Form)
    }
}

fn in_reach<'a>(scope: &AccountScope) -> payout_methods::BoxedQuery<'a, diesel::pg::Pg> {
    let query = payout_methods::table.filter(payout_methods::account_id.eq(scope.account_id)).into_boxed();
    let Some(programs) = scope.programs() else { return query };
    let in_reach = partners::table
        .filter(partners::account_id.eq(scope.account_id))
        .filter(partners::program_id.eq_any(programs.to_vec()))
        .select(partners::profile_id);
    query.filter(payout_methods::profile_id.eq_any(in_reach))
}
