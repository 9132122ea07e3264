use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{FileId, PayoutId, PayoutMethodId};

use super::{Payout, PayoutStatus};
use crate::{
    act::Act, audit, events, files::File, payout_methods::PayoutMethod, schema::payouts, scope::AccountScope,
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
            let method: Option<PayoutMethodId> =
                PayoutMethod::default_of(conn, before.account_id, before.partner_id).await?;
            let after: Self = diesel::update(payouts::table.filter(payouts::id.eq(id)))
                .set((
                    payouts::status.eq(PayoutStatus::Requested),
                    payouts::method_id.eq(method.unwrap_or(before.method_id)),
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
}
