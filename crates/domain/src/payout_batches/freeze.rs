use std::collections::{BTreeMap, BTreeSet};

use diesel::{
    dsl::sql,
    prelude::*,
    sql_types::{Bool, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use ids::{FileId, PartnerId, PayoutId, TypedId};

use super::{
    BatchOrigin, BatchStatus, FreezeBatch, PayoutBatch,
    plan::{Retried, plan},
};
use crate::{
    act::Act,
    events::{self, EventKind},
    partners::PartnerStatus,
    payouts::{Candidates, Destination, Payout, PayoutStatus, Reservation, Taken, reserve},
    programs::Program,
    schema::{partners, payout_batches, payout_methods, payouts, programs},
};

/// The most partners of one range.
const RANGE: i64 = 250;

/// No other payout tries it again, or did: the states are those of the index `payouts_retry_key`.
const NOT_TRIED_AGAIN: &str = "\
    NOT EXISTS (SELECT FROM payouts r WHERE r.account_id = payouts.account_id AND r.retry_of = payouts.id \
        AND r.status NOT IN ('CANCELLED', 'FAILED', 'RETURNED', 'REJECTED'))";

/// The hash is of the payouts with their items and of where they go, in the order of ids.
const FIX: &str = "\
    UPDATE payout_batches b SET frozen_at = $2, updated_at = $2, \
      status = CASE WHEN b.payouts = 0 THEN 'CANCELLED' WHEN b.four_eyes THEN 'AWAITING_APPROVAL' ELSE 'APPROVED' END, \
      ended_at = CASE WHEN b.payouts = 0 THEN $2 END, approved_at = CASE WHEN b.payouts > 0 AND NOT $3 THEN $2 END, \
      content_hash = (SELECT sha256(convert_to(coalesce( \
        string_agg(p.id || ':' || encode(p.content_hash, 'hex') || ':' || p.method_id, ' ' ORDER BY p.id), ''), 'UTF8')) \
        FROM payouts p WHERE p.account_id = b.account_id AND p.batch_id = b.id) \
    WHERE b.id = $1";

impl PayoutBatch {
    /// Freezes the next range of a draft, in the caller's transaction, and enqueues the job that goes on, or fixes the batch if
    /// nothing is left. Leaves quietly what is no draft any more.
    ///
    /// # Errors
    /// The database's.
    pub async fn freeze_range(conn: &mut AsyncPgConnection, job: &FreezeBatch, act: &Act) -> QueryResult<()> {
        // A partner may have very many rewards.
        conn.batch_execute("SET LOCAL statement_timeout = '50s'").await?;
        let batch = Self::lock_all(conn, job.account_id, &[job.batch_id]).await?.pop();
        let Some(mut batch) = batch.filter(|batch| batch.status == BatchStatus::Draft) else { return Ok(()) };
        let (taken, up_to) = batch.next_range(conn, act).await?;
        batch.payouts += i32::try_from(taken.len()).unwrap_or(i32::MAX);
        batch.total =
            taken.iter().try_fold(batch.total, |sum, payout| sum.checked_add(payout.amount)).ok_or_else(
                || diesel::result::Error::QueryBuilderError("the total of a batch is out of range".into()),
            )?;
        batch.frozen_up_to = up_to.or(batch.frozen_up_to);
        diesel::update(payout_batches::table.find(batch.id))
            .set((
                payout_batches::payouts.eq(batch.payouts),
                payout_batches::total.eq(batch.total),
                payout_batches::frozen_up_to.eq(batch.frozen_up_to),
                payout_batches::updated_at.eq(act.now),
            ))
            .execute(conn)
            .await?;
        events::record(conn, act, &taken.iter().map(Payout::event).collect::<Vec<_>>()).await?;
        match up_to {
            Some(_) => queue::enqueue(conn, act.now, &act.ids, &[batch.job(job, act)]).await.map(|_| ()),
            None => batch.fix(conn, act).await,
        }
    }

    fn taken(&self) -> Taken<'_> {
        Taken {
            account_id: self.account_id,
            program_id: self.program_id,
            currency: self.currency,
            cutoff_at: self.cutoff_at,
            rewards: None,
            status: PayoutStatus::Batched,
            batch_id: Some(self.id),
        }
    }

    /// The approved payouts that the rail reaches, of its partners, with whose they are.
    async fn approved(&self, conn: &mut AsyncPgConnection) -> QueryResult<Vec<(PayoutId, PartnerId)>> {
        let mut query = payouts::table
            .inner_join(payout_methods::table.on(payout_methods::id.eq(payouts::method_id)))
            .filter(payouts::account_id.eq(self.account_id))
            .filter(payouts::program_id.eq(self.program_id))
            .filter(payouts::currency.eq(self.currency))
            .filter(payouts::status.eq(PayoutStatus::Approved))
            .filter(payout_methods::kind.eq_any(self.reach().kinds))
            .into_boxed();
        if let Some(partners) = &self.partners {
            query = query.filter(payouts::partner_id.eq_any(partners));
        }
        let what = (payouts::id, payouts::partner_id, Destination::as_select());
        let rows: Vec<(PayoutId, PartnerId, Destination)> = query.select(what).load(conn).await?;
        let reached = rows.into_iter().filter(|(.., to)| self.reach().reaches(*to).is_ok());
        Ok(reached.map(|(id, partner_id, ..)| (id, partner_id)).collect())
    }

    /// Takes approved payouts as they are, under the locks of partners and payouts. Whose partner is approved no more keeps
    /// waiting.
    async fn take_approved(
        &self,
        conn: &mut AsyncPgConnection,
        approved: &[(PayoutId, PartnerId)],
        act: &Act,
    ) -> QueryResult<Vec<Payout>> {
        let locked: Vec<(PartnerId, PartnerStatus)> = partners::table
            .filter(partners::account_id.eq(self.account_id))
            .filter(partners::id.eq_any(approved.iter().map(|(_, partner)| *partner)))
            .order(partners::id)
            .for_no_key_update()
            .select((partners::id, partners::status))
            .load(conn)
            .await?;
        let paid: BTreeSet<PartnerId> = locked
            .into_iter()
            .filter(|(_, status)| *status == PartnerStatus::Approved)
            .map(|(partner, _)| partner)
            .collect();
        let taken = approved.iter().filter(|(_, partner)| paid.contains(partner));
        let ids: Vec<PayoutId> = taken.map(|(payout, _)| *payout).collect();
        let _locked: Vec<PayoutId> = payouts::table
            .filter(payouts::id.eq_any(&ids))
            .order(payouts::id)
            .for_no_key_update()
            .select(payouts::id)
            .load(conn)
            .await?;
        let mut taken: Vec<Payout> = diesel::update(payouts::table)
            .filter(payouts::id.eq_any(ids))
            .filter(payouts::status.eq(PayoutStatus::Approved))
            .set((
                payouts::status.eq(PayoutStatus::Batched),
                payouts::batch_id.eq(self.id),
                payouts::updated_at.eq(act.now),
            ))
            .returning(Payout::as_returning())
            .get_results(conn)
            .await?;
        taken.sort_unstable_by_key(|payout| payout.id);
        Ok(taken)
    }

    /// What the next range pays, and up to whom it goes. The first one takes what was approved, if there is any: who was locked
    /// for that must not be waited for with others' locks in hand.
    async fn next_range(
        &self,
        conn: &mut AsyncPgConnection,
        act: &Act,
    ) -> QueryResult<(Vec<Payout>, Option<uuid::Uuid>)> {
        if self.frozen_up_to.is_none() && self.origin != BatchOrigin::Retry {
            let approved = self.approved(conn).await?;
            if !approved.is_empty() {
                let taken = self.take_approved(conn, &approved, act).await?;
                return Ok((taken, Some(uuid::Uuid::nil())));
            }
        }
        let program: Program =
            programs::table.find(self.program_id).select(Program::as_select()).first(conn).await?;
        let (reservations, up_to) = match self.retry_of {
            Some(_) => self.failed_range(conn, &program, act).await?,
            None => self.range(conn, &program, act).await?,
        };
        Ok((reserve(conn, &reservations, &self.taken(), act).await?, up_to))
    }

    /// What the next partners are to be paid; behind the last one there is no next range.
    async fn range(
        &self,
        conn: &mut AsyncPgConnection,
        program: &Program,
        act: &Act,
    ) -> QueryResult<(Vec<Reservation>, Option<uuid::Uuid>)> {
        let after = self.frozen_up_to.map(PartnerId::from_uuid);
        let locked = self.candidates(self.partners.as_deref()).lock(conn, after, RANGE).await?;
        let candidates = self.candidates(Some(&locked)).load(conn, None, RANGE).await?;
        let planned =
            plan(conn, (program, self.currency), self.reach(), &candidates, &BTreeMap::new(), act).await?;
        let is_last = i64::try_from(locked.len()).unwrap_or(RANGE) < RANGE;
        let up_to = locked.last().filter(|_| !is_last).map(|last| last.uuid());
        Ok((planned.reservations, up_to))
    }

    /// What the next failed payouts would pay now. One range has no partner twice. What another retry has paid or is paying is
    /// left to it, with what it has left over.
    async fn failed_range(
        &self,
        conn: &mut AsyncPgConnection,
        program: &Program,
        act: &Act,
    ) -> QueryResult<(Vec<Reservation>, Option<uuid::Uuid>)> {
        let failed: Vec<(PayoutId, PartnerId, Option<FileId>)> = payouts::table
            .filter(payouts::account_id.eq(self.account_id))
            .filter(payouts::batch_id.eq(self.retry_of))
            .filter(payouts::status.eq_any([PayoutStatus::Failed, PayoutStatus::Returned]))
            .filter(payouts::id.gt(PayoutId::from_uuid(self.frozen_up_to.unwrap_or_default())))
            .filter(sql::<Bool>(NOT_TRIED_AGAIN))
            .order(payouts::id)
            .limit(RANGE)
            .select((payouts::id, payouts::partner_id, payouts::invoice_id))
            .load(conn)
            .await?;
        let mut retried: BTreeMap<PartnerId, Retried> = BTreeMap::new();
        for (payout_id, partner, invoice_id) in failed {
            if retried.contains_key(&partner) {
                break;
            }
            retried.insert(partner, Retried { payout_id, invoice_id });
        }
        let partners: Vec<PartnerId> = retried.keys().copied().collect();
        let locked = self.candidates(Some(&partners)).lock(conn, None, RANGE).await?;
        let candidates = self.candidates(Some(&locked)).load(conn, None, RANGE).await?;
        let planned = plan(conn, (program, self.currency), self.reach(), &candidates, &retried, act).await?;
        let up_to = retried.values().map(|retried| retried.payout_id).max();
        Ok((planned.reservations, up_to.map(TypedId::uuid)))
    }

    /// Those of its program and currency.
    fn candidates<'a>(&self, partners: Option<&'a [PartnerId]>) -> Candidates<'a> {
        let (account_id, program_id, currency) = (self.account_id, self.program_id, self.currency);
        Candidates { account_id, program_id, currency, partners }
    }

    async fn fix(&self, conn: &mut AsyncPgConnection, act: &Act) -> QueryResult<()> {
        diesel::sql_query(FIX)
            .bind::<Uuid, _>(self.id)
            .bind::<Timestamptz, _>(act.now)
            .bind::<Bool, _>(self.four_eyes)
            .execute(conn)
            .await?;
        let fixed: Self = payout_batches::table.find(self.id).select(Self::as_select()).first(conn).await?;
        let kind = match fixed.status {
            BatchStatus::Cancelled => EventKind::PayoutBatchCancelled,
            _ => EventKind::PayoutBatchFrozen,
        };
        events::record(conn, act, &[fixed.event(kind)]).await
    }
}
