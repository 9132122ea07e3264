use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{FileId, PayoutId, PayoutMethodId};

use super::{LeftOut, Payout, PayoutStatus, judge::Method};
use crate::{
    act::Act, audit, events, files::File, partners::Partner, payout_methods::PayoutMethod,
    payout_policies::Policies, schema::payouts, scope::AccountScope,
};

/// What is changed when a payout is asked for again.
#[derive(Debug, Clone, Default)]
pub struct Resubmission {
    /// Another invoice; the one before stays if absent.
    pub invoice_id: Option<FileId>,
}

/// Why a payout was not asked for again.
#[derive(Debug, thiserror::Error)]
pub enum ResubmitError {
    /// No such payout in reach.
    #[error("no such payout")]
    NotFound,
    /// No such file in reach.
    #[error("no such file")]
    InvoiceNotFound,
    /// It cannot go to where the partner is paid now.
    #[error("cannot be paid: {0}")]
    LeftOut(LeftOut),
    /// No changes were asked for.
    #[error("the payout is {current}")]
    WrongState {
        /// Where it stands.
        current: PayoutStatus,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl Payout {
    /// Asks for the payout `id` again, after changes: with the partner's present method, and with another invoice if one is
    /// named. What it pays stays.
    ///
    /// # Errors
    /// [`ResubmitError`].
    pub async fn resubmit(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: PayoutId,
        said: &Resubmission,
        act: &Act,
    ) -> Result<Self, ResubmitError> {
        conn.transaction(async |conn| {
            let before = Self::find_locked(conn, scope, &[id]).await?.pop().ok_or(ResubmitError::NotFound)?;
            if before.status != PayoutStatus::NeedsChanges {
                return Err(ResubmitError::WrongState { current: before.status });
            }
            if let Some(invoice) = said.invoice_id
                && !File::is_given(conn, scope, invoice).await?
            {
                return Err(ResubmitError::InvoiceNotFound);
            }
            let method_id = before.goes_to(conn, scope, act).await?;
            let after: Self = diesel::update(payouts::table.filter(payouts::id.eq(id)))
                .set((
                    payouts::status.eq(PayoutStatus::Requested),
                    payouts::method_id.eq(method_id),
                    payouts::invoice_id.eq(said.invoice_id.or(before.invoice_id)),
                    payouts::reason.eq(None::<String>),
                    payouts::updated_at.eq(act.now),
                ))
                .returning(Self::as_returning())
                .get_result(conn)
                .await?;
            let change = (Some(&before), Some(&after));
            audit::record(conn, act, after.account_id, "payoutResubmit", id, change).await?;
            events::record(conn, act, &[after.event()]).await?;
            Ok(after)
        })
        .await
    }

    /// Where the partner is paid now; where it was to go before if there is nothing else.
    async fn goes_to(
        &self,
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        act: &Act,
    ) -> Result<PayoutMethodId, ResubmitError> {
        let method = PayoutMethod::default_of(conn, self.account_id, self.partner_id).await?;
        let Some((method, since)) =
            method.and_then(|method| method.default_since.map(|since| (method, since)))
        else {
            return Ok(self.method_id);
        };
        if method.id == self.method_id {
            return Ok(method.id);
        }
        let partner = Partner::find(conn, scope, self.partner_id).await?.ok_or(ResubmitError::NotFound)?;
        let policies = Policies::load(conn, self.account_id, &[self.program_id], &[partner.id]).await?;
        let policy = policies.of_partner(self.program_id, partner.group_id, partner.id);
        let new = Method { kind: method.kind, since, replaced_another: method.replaced_another };
        new.can_be_paid_to(&policy, act.now).map_err(ResubmitError::LeftOut)?;
        Ok(method.id)
    }
}
