use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{PartnerId, PayoutId};
use money::Currency;

use super::{
    CreateError, NewBatch,
    plan::{LeftOutPartner, plan},
};
use crate::{
    act::Act,
    partners::PartnerStatus,
    payouts::{Candidates, Destination, LeftOut, PayoutStatus, Previewed, Taken, preview},
    programs::Program,
    schema::{partners, payout_methods, payouts},
    scope::AccountScope,
};

/// An approved payout: which, whose, how much and how many items; where the partner stands, and where the money goes.
type Approved = ((PayoutId, PartnerId, i64, i32), PartnerStatus, Destination);

/// Partners that are looked at in one statement.
const RANGE: i64 = 500;

/// What a batch would be, if it were frozen now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The currency of all amounts.
    pub currency: Currency,
    /// Approved payouts that it would take as they are.
    pub approved: Vec<Previewed>,
    /// What it would make for partners who asked for nothing, in the order of partners.
    pub made: Vec<Previewed>,
    /// Who is left out, in the order of partners.
    pub left_out: Vec<LeftOutPartner>,
}

impl NewBatch {
    /// What the batch would be now. Nothing is reserved, and nothing is written.
    ///
    /// # Errors
    /// [`CreateError`].
    pub async fn preview(
        &self,
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        act: &Act,
    ) -> Result<Preview, CreateError> {
        self.look(conn, scope, |_| false, act).await
    }

    /// Whether it would pay anybody: no further than to the first who is.
    pub(super) async fn pays_anybody(
        &self,
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        act: &Act,
    ) -> Result<bool, CreateError> {
        let pays = |found: &Preview| !found.approved.is_empty() || !found.made.is_empty();
        Ok(pays(&self.look(conn, scope, pays, act).await?))
    }

    async fn look(
        &self,
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        is_enough: impl Fn(&Preview) -> bool,
        act: &Act,
    ) -> Result<Preview, CreateError> {
        let (program, currency) = self.resolve(conn, scope, (None, act.now)).await?;
        let (approved, not_paid) = self.approved(conn, &program, currency).await?;
        let mut found = Preview { currency, approved, made: Vec::new(), left_out: Vec::new() };
        let candidates = Candidates {
            account_id: program.account_id,
            program_id: program.id,
            currency,
            partners: self.partners.as_deref(),
        };
        let mut after = None;
        while !is_enough(&found) {
            let range = candidates.load(conn, after, RANGE).await?;
            let Some(last) = range.last() else { break };
            after = Some(last.partner_id);
            let planned =
                plan(conn, (&program, currency), self.reach(currency), &range, &BTreeMap::new(), act).await?;
            let made = preview(conn, &planned.reservations, &self.taken(&program, currency, act)).await?;
            // What was released behind the cutoff, or does not fit under the maximum, may leave too little.
            let is_made = |one| made.iter().any(|made: &Previewed| made.partner_id == one);
            let is_planned = |one| planned.reservations.iter().any(|planned| planned.partner_id == one);
            let too_little =
                range.iter().filter(|one| is_planned(one.partner_id) && !is_made(one.partner_id));
            found.left_out.extend(too_little.map(|one| one.left_out(LeftOut::BelowMinimum)));
            found.left_out.extend(planned.left_out);
            found.made.extend(made);
        }
        found.left_out.extend(not_paid);
        found.left_out.sort_unstable_by_key(|one| (one.partner_id, one.payout_id));
        Ok(found)
    }

    fn taken(&self, program: &Program, currency: Currency, act: &Act) -> Taken<'static> {
        Taken {
            account_id: program.account_id,
            program_id: program.id,
            currency,
            cutoff_at: self.cutoff_at.unwrap_or(act.now),
            rewards: None,
            status: PayoutStatus::Batched,
            batch_id: None,
        }
    }

    /// The approved payouts that it would take, and those that it would not.
    async fn approved(
        &self,
        conn: &mut AsyncPgConnection,
        program: &Program,
        currency: Currency,
    ) -> QueryResult<(Vec<Previewed>, Vec<LeftOutPartner>)> {
        let mut query = payouts::table
            .inner_join(payout_methods::table.on(payout_methods::id.eq(payouts::method_id)))
            .inner_join(partners::table.on(partners::id.eq(payouts::partner_id)))
            .filter(payouts::account_id.eq(program.account_id))
            .filter(payouts::program_id.eq(program.id))
            .filter(payouts::currency.eq(currency))
            .filter(payouts::status.eq(PayoutStatus::Approved))
            .order(payouts::id)
            .into_boxed();
        if let Some(partners) = &self.partners {
            query = query.filter(payouts::partner_id.eq_any(partners));
        }
        let what = (payouts::id, payouts::partner_id, payouts::amount, payouts::items);
        let rows: Vec<Approved> =
            query.select((what, partners::status, Destination::as_select())).load(conn).await?;
        let (mut taken, mut left_out) = (Vec::new(), Vec::new());
        for ((id, partner_id, amount, items), status, to) in rows {
            let reached = match status {
                PartnerStatus::Approved => self.reach(currency).reaches(to),
                _ => Err(LeftOut::PartnerNotApproved),
            };
            match reached {
                Ok(()) => taken.push(Previewed { partner_id, amount, items }),
                Err(why) => {
                    left_out.push(LeftOutPartner { partner_id, why, available: amount, payout_id: Some(id) });
                }
            }
        }
        Ok((taken, left_out))
    }
}
