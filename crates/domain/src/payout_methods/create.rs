use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, PartnerId, PartnerProfileId, PayoutMethodId, TypedId};
use payout_details::{PayoutDetails, PayoutDetailsInput, RefusedField};
use serde::Serialize;
use vault::Vault;

use super::PayoutMethod;
use crate::{
    act::Act,
    audit,
    events::{self, EventKind},
    partners::Partner,
    payout_policies::PayoutMethodKind,
    schema::{partner_profiles, partners, payout_methods},
    scope::AccountScope,
};

/// Where a partner's money is to go from now on.
#[derive(Debug, Clone)]
pub struct NewPayoutMethod {
    /// For whom: it holds for all partners of the same profile.
    pub partner_id: PartnerId,
    /// The details, as they were said.
    pub details: PayoutDetailsInput,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// No such partner in reach.
    #[error("no such partner")]
    NotFound,
    /// The profile is also a partner's of programs beyond reach, whose money would go there too.
    #[error("the profile is shared beyond reach")]
    Shared,
    /// Fields that are refused, all at once.
    #[error("invalid details")]
    Invalid(Vec<RefusedField>),
    /// The details could not be sealed.
    #[error("the details could not be sealed")]
    Seal,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

/// What the audit trail keeps.
#[derive(Serialize)]
struct Noted<'a> {
    kind: PayoutMethodKind,
    label: &'a str,
}

impl PayoutMethod {
    /// Makes this the method that the partner's profile is paid to. The same details again change nothing.
    ///
    /// # Errors
    /// [`CreateError`].
    pub async fn create(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        vault: &Vault,
        new: &NewPayoutMethod,
        act: &Act,
    ) -> Result<Self, CreateError> {
        let details = new.details.check().map_err(CreateError::Invalid)?;
        conn.transaction(async |conn| {
            let partner = Partner::find(conn, scope, new.partner_id).await?.ok_or(CreateError::NotFound)?;
            lock(conn, partner.account_id, partner.profile_id).await?;
            if is_shared_beyond(conn, scope, partner.profile_id).await? {
                return Err(CreateError::Shared);
            }
            let before = Self::current(conn, partner.account_id, partner.profile_id).await?;
            if let Some(before) = &before
                && before.unsealed(vault).is_ok_and(|before| before == details)
            {
                return Ok(before.clone());
            }
            let had_one = had_one(conn, partner.account_id, partner.profile_id).await?;
            let after = Self::seal(vault, &partner, &details, had_one, act)?;
            if let Some(before) = &before {
                before.step_down(conn, act.now).await?;
            }
            diesel::insert_into(payout_methods::table).values(&after).execute(conn).await?;
            after.note(conn, before.as_ref(), &partner, act).await?;
            Ok(after)
        })
        .await
    }

    fn seal(
        vault: &Vault,
        partner: &Partner,
        details: &PayoutDetails,
        replaced_another: bool,
        act: &Act,
    ) -> Result<Self, CreateError> {
        let id: PayoutMethodId = act.ids.next(act.now);
        let plain = serde_json::to_vec(details).map_err(|_| CreateError::Seal)?;
        let sealed = vault.seal(&plain, id.uuid().as_bytes(), act.ids.secret::<12>());
        let sealed = sealed.map_err(|_| CreateError::Seal)?;
        Ok(Self {
            id,
            account_id: partner.account_id,
            profile_id: partner.profile_id,
            kind: details.kind().into(),
            route: details.into(),
            currency: details.currency(),
            label: details.masked(),
            key_id: sealed.key_id,
            details: sealed.bytes,
            default_since: Some(act.now),
            replaced_another,
            archived_at: None,
            created_by: act.actor.to_string(),
            created_at: act.now,
            updated_at: act.now,
        })
    }

    /// The method that is paid to.
    pub(super) async fn current(
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        profile_id: PartnerProfileId,
    ) -> QueryResult<Option<Self>> {
        payout_methods::table
            .filter(payout_methods::account_id.eq(account_id))
            .filter(payout_methods::profile_id.eq(profile_id))
            .filter(payout_methods::default_since.is_not_null())
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()
    }

    /// It is not paid to any more, and put away.
    pub(super) async fn step_down(
        &self,
        conn: &mut AsyncPgConnection,
        now: DateTime<Utc>,
    ) -> QueryResult<()> {
        diesel::update(payout_methods::table.find(self.id))
            .set((
                payout_methods::default_since.eq(None::<DateTime<Utc>>),
                payout_methods::archived_at.eq(now),
                payout_methods::updated_at.eq(now),
            ))
            .execute(conn)
            .await?;
        Ok(())
    }

    async fn note(
        &self,
        conn: &mut AsyncPgConnection,
        before: Option<&Self>,
        partner: &Partner,
        act: &Act,
    ) -> QueryResult<()> {
        let was = before.map(|before| Noted { kind: before.kind, label: &before.label });
        let is = Noted { kind: self.kind, label: &self.label };
        let change = (was.as_ref(), Some(&is));
        audit::record(conn, act, self.account_id, "payoutMethodSet", self.id, change).await?;
        events::record(conn, act, &[self.event(EventKind::PayoutMethodChanged, partner)]).await
    }
}

/// Whether the profile was ever paid anywhere: who puts a method away first must not get around the cooling down.
async fn had_one(
    conn: &mut AsyncPgConnection,
    account_id: AccountId,
    profile_id: PartnerProfileId,
) -> QueryResult<bool> {
    let any = payout_methods::table
        .filter(payout_methods::account_id.eq(account_id))
        .filter(payout_methods::profile_id.eq(profile_id));
    diesel::select(diesel::dsl::exists(any)).get_result(conn).await
}

/// Whether the profile is also a partner's of programs out of reach: what holds for it holds there too.
pub(super) async fn is_shared_beyond(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    profile_id: PartnerProfileId,
) -> QueryResult<bool> {
    let Some(programs) = scope.programs() else { return Ok(false) };
    let beyond = partners::table
        .filter(partners::account_id.eq(scope.account_id))
        .filter(partners::profile_id.eq(profile_id))
        .filter(partners::program_id.ne_all(programs));
    diesel::select(diesel::dsl::exists(beyond)).get_result(conn).await
}

/// Changes of one profile's methods take turns.
pub(super) async fn lock(
    conn: &mut AsyncPgConnection,
    account_id: AccountId,
    profile_id: PartnerProfileId,
) -> QueryResult<()> {
    let _locked: PartnerProfileId = partner_profiles::table
        .filter(partner_profiles::account_id.eq(account_id))
        .filter(partner_profiles::id.eq(profile_id))
        .for_no_key_update()
        .select(partner_profiles::id)
        .first(conn)
        .await?;
    Ok(())
}
