use std::collections::BTreeMap;

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use ids::{FileId, PartnerId, PayoutId};
use money::Currency;

use crate::{
    act::Act,
    payout_policies::Policies,
    payouts::{Candidate, LeftOut, Reach, Reservation, Wanted, judge},
    programs::Program,
};

/// Who is not paid, why, and what they have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOutPartner {
    /// The partner.
    pub partner_id: PartnerId,
    /// Why.
    pub why: LeftOut,
    /// What is available, in minor units; of a payout that was approved, its amount.
    pub available: i64,
    /// The payout that was approved and stays out, if it is one.
    pub payout_id: Option<PayoutId>,
}

/// What of a partner is tried again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Retried {
    /// The payout that failed.
    pub payout_id: PayoutId,
    /// The partner's invoice for it, which holds for the next try.
    pub invoice_id: Option<FileId>,
}

/// What becomes of some candidates.
#[derive(Default)]
pub(super) struct Plan {
    /// Who is paid, if enough is there in the end.
    pub reservations: Vec<Reservation>,
    /// Who is not.
    pub left_out: Vec<LeftOutPartner>,
}

/// Judges candidates by what holds for each; of those who are retried, what failed is taken alone.
pub(super) async fn plan(
    conn: &mut AsyncPgConnection,
    (program, currency): (&Program, Currency),
    reach: Reach<'_>,
    candidates: &[Candidate],
    retried: &BTreeMap<PartnerId, Retried>,
    act: &Act,
) -> QueryResult<Plan> {
    let partners: Vec<PartnerId> = candidates.iter().map(|one| one.partner_id).collect();
    let policies = Policies::load(conn, program.account_id, &[program.id], &partners).await?;
    let mut plan = Plan::default();
    for one in candidates {
        let policy = policies.of_partner(program.id, one.group_id, one.partner_id);
        let minimum = policy.minimum_in(program.currency, currency);
        let retried = retried.get(&one.partner_id);
        let invoice_id = retried.and_then(|retried| retried.invoice_id);
        let wanted = Wanted { reach, has_invoice: invoice_id.is_some(), minimum, now: act.now };
        match judge(one, &policy, wanted) {
            Err(why) => plan.left_out.push(one.left_out(why)),
            Ok(method_id) => plan.reservations.push(Reservation {
                id: act.ids.next(act.now),
                partner_id: one.partner_id,
                method_id,
                minimum: minimum.minor(),
                maximum: policy.maximum_in(program.currency, currency),
                fee_payer: policy.fee_payer,
                retry_of: retried.map(|retried| retried.payout_id),
                invoice_id,
            }),
        }
    }
    Ok(plan)
}

impl Candidate {
    pub(super) fn left_out(&self, why: LeftOut) -> LeftOutPartner {
        LeftOutPartner { partner_id: self.partner_id, why, available: self.available, payout_id: None }
    }
}
