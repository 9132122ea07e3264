use chrono::Datelike;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, PayoutId};
use queue::NewJob;

use super::{RenderInvoice, SelfBillingInvoice};
use crate::{
    accounts::Account,
    act::Act,
    audit,
    calendar::Calendar,
    payouts::{Payout, PayoutStatus},
    schema::{invoice_numbers, payout_items, payouts, self_billing_invoices},
    scope::AccountScope,
    statements::PaperStatus,
};

/// Why there is no invoice.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// No such payout in reach.
    #[error("no such payout")]
    NotFound,
    /// Only what was paid is invoiced.
    #[error("the payout is {current}")]
    WrongState {
        /// Where it stands.
        current: PayoutStatus,
    },
    /// The partner has sent an invoice: a second one would have the tax paid twice.
    #[error("the partner has invoiced it")]
    Invoiced,
    /// The payout that it tries again came back after it had been invoiced: that invoice stands.
    #[error("{payout_id} was invoiced")]
    InvoicedBefore {
        /// The earlier payout.
        payout_id: PayoutId,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl SelfBillingInvoice {
    /// Makes out the invoice of a payout that was paid, with the next number of the account's year; a job renders it. The same again
    /// answers with the same invoice.
    ///
    /// # Errors
    /// [`RequestError`].
    pub async fn request(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        payout_id: PayoutId,
        act: &Act,
    ) -> Result<Self, RequestError> {
        conn.transaction(async |conn| {
            // Requests for one payout take turns: a later one finds the invoice, and takes no number.
            let payout = Payout::find_locked(conn, scope, &[payout_id]).await?.pop();
            let payout = payout.ok_or(RequestError::NotFound)?;
            if let Some(known) = Self::of_payouts(conn, scope, &[payout_id]).await?.pop() {
                return Ok(known);
            }
            if payout.status != PayoutStatus::Paid {
                return Err(RequestError::WrongState { current: payout.status });
            }
            if payout.invoice_id.is_some() {
                return Err(RequestError::Invoiced);
            }
            not_invoiced_before(conn, &payout).await?;
            let account = Account::of_scope(conn, scope).await?.ok_or(RequestError::NotFound)?;
            let year = Calendar::of(&account.time_zone).day(act.now).year();
            let made = Self::insert(conn, &payout, year, act).await?;
            let job = RenderInvoice { account_id: made.account_id, invoice_id: made.id };
            let job = NewJob::of(&job)
                .account(made.account_id)
                .caused_by(act.request_id.clone(), act.traceparent.clone());
            queue::enqueue(conn, act.now, &act.ids, &[job]).await?;
            audit::record(conn, act, made.account_id, "payoutInvoiceRequest", made.id, (None, Some(&made)))
                .await?;
            Ok(made)
        })
        .await
    }

    async fn insert(
        conn: &mut AsyncPgConnection,
        payout: &Payout,
        year: i32,
        act: &Act,
    ) -> QueryResult<Self> {
        let invoice = Self {
            id: act.ids.next(act.now),
            account_id: payout.account_id,
            program_id: payout.program_id,
            payout_id: payout.id,
            year,
            place: next_place(conn, payout.account_id, year).await?,
            status: PaperStatus::Pending,
            pdf_id: None,
            csv_id: None,
            json_id: None,
            signature: None,
            key_id: None,
            requested_by: act.actor.to_string(),
            created_at: act.now,
            ready_at: None,
        };
        diesel::insert_into(self_billing_invoices::table).values(&invoice).execute(conn).await?;
        Ok(invoice)
    }
}

/// What came back and is paid again, by a retry or by any later batch, is paid for the same supply: a second invoice would have the
/// tax paid twice. Nobody invoices an earlier payout meanwhile: what came back is not PAID.
async fn not_invoiced_before(conn: &mut AsyncPgConnection, payout: &Payout) -> Result<(), RequestError> {
    use payout_items as i;
    let own = diesel::alias!(payout_items as own);
    let its = own
        .filter(own.field(i::account_id).eq(payout.account_id))
        .filter(own.field(i::payout_id).eq(payout.id))
        .filter(own.field(i::kind).eq("REWARD"))
        .select(own.field(i::source));
    let of_same = i::table
        .filter(i::account_id.eq(payout.account_id))
        // Earlier payouts have let them go: each is in one live payout at most (M7).
        .filter(i::released_at.is_not_null())
        .filter(i::source.eq_any(its))
        .select(i::payout_id);
    let invoiced = self_billing_invoices::table
        .filter(self_billing_invoices::account_id.eq(payout.account_id))
        .select(self_billing_invoices::payout_id);
    // A partner's own invoice counts once it was paid.
    let paid_by_theirs = payouts::invoice_id.is_not_null().and(payouts::status.eq(PayoutStatus::Returned));
    let before: Option<PayoutId> = payouts::table
        .filter(payouts::account_id.eq(payout.account_id))
        .filter(payouts::id.eq_any(of_same))
        .filter(payouts::id.eq_any(invoiced).or(paid_by_theirs))
        .order(payouts::id)
        .select(payouts::id)
        .first(conn)
        .await
        .optional()?;
    before.map_or(Ok(()), |payout_id| Err(RequestError::InvoicedBefore { payout_id }))
}

/// Takes the next number. Its row stays locked until the transaction ends: if that is rolled back, the number is taken by the next.
async fn next_place(conn: &mut AsyncPgConnection, account_id: AccountId, year: i32) -> QueryResult<i32> {
    use invoice_numbers as n;
    let next: i32 = diesel::insert_into(n::table)
        .values((n::account_id.eq(account_id), n::year.eq(year), n::next.eq(2)))
        .on_conflict((n::account_id, n::year))
        .do_update()
        .set(n::next.eq(n::next + 1))
        .returning(n::next)
        .get_result(conn)
        .await?;
    Ok(next - 1)
}
