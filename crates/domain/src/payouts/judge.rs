use chrono::{DateTime, TimeDelta, Utc};
use ids::PayoutMethodId;
use money::Money;

use super::{Candidate, Destination, Reach};
use crate::{
    partners::PartnerStatus,
    payout_policies::{PayoutMethodKind, Policy},
    text_enum,
};

text_enum! {
    /// Why a partner is not paid now, although something is available.
    LeftOut {
        /// Only approved partners are paid.
        PartnerNotApproved = "PARTNER_NOT_APPROVED",
        /// The partner has not said where the money goes.
        MethodMissing = "METHOD_MISSING",
        /// The program does not pay by the partner's method.
        MethodNotAllowed = "METHOD_NOT_ALLOWED",
        /// The partner is paid by a method that this batch does not pay by.
        MethodOfAnotherBatch = "METHOD_OF_ANOTHER_BATCH",
        /// The batch's rail does not reach accounts of the form that the partner's has.
        MethodOutOfReach = "METHOD_OUT_OF_REACH",
        /// The partner's account takes another currency.
        MethodOfAnotherCurrency = "METHOD_OF_ANOTHER_CURRENCY",
        /// The method took the place of another a short time ago.
        MethodCoolingDown = "METHOD_COOLING_DOWN",
        /// Less is available than the least that is paid.
        BelowMinimum = "BELOW_MINIMUM",
        /// The partner has referred fewer customers who paid than the program asks for.
        TooFewCustomers = "TOO_FEW_CUSTOMERS",
        /// The payee has given no tax number.
        TaxDataMissing = "TAX_DATA_MISSING",
        /// A payout needs an invoice: it is requested with one.
        InvoiceMissing = "INVOICE_MISSING",
    }
}

/// What a partner is to be paid for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// Where it can be paid to.
    pub reach: Reach<'a>,
    /// Whether there is an invoice.
    pub has_invoice: bool,
    /// The least that is paid.
    pub minimum: Money,
    /// When.
    pub now: DateTime<Utc>,
}

/// Where a partner is paid to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Method {
    /// What kind of place it is.
    pub kind: PayoutMethodKind,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Whether it took the place of another.
    pub replaced_another: bool,
}

impl Method {
    /// Whether the program pays there, and by now: whoever changes a method must not be paid at once.
    pub(crate) fn can_be_paid_to(self, policy: &Policy, now: DateTime<Utc>) -> Result<(), LeftOut> {
        let cool = self.since + TimeDelta::hours(i64::from(policy.cooldown_hours));
        match () {
            () if !policy.methods.contains(&self.kind) => Err(LeftOut::MethodNotAllowed),
            () if self.replaced_another && now < cool => Err(LeftOut::MethodCoolingDown),
            () => Ok(()),
        }
    }
}

/// Where the partner is paid to, if these rules allow it: the first that forbids it says why.
pub(crate) fn judge(
    candidate: &Candidate,
    policy: &Policy,
    wanted: Wanted<'_>,
) -> Result<PayoutMethodId, LeftOut> {
    let forbid = |forbidden: bool, why: LeftOut| if forbidden { Err(why) } else { Ok(()) };
    forbid(candidate.status != PartnerStatus::Approved, LeftOut::PartnerNotApproved)?;
    let (kind, route) = (candidate.method_kind, candidate.method_route);
    let Some((((kind, route), since), method_id)) =
        kind.zip(route).zip(candidate.method_since).zip(candidate.method_id)
    else {
        return Err(LeftOut::MethodMissing);
    };
    let method = Method { kind, since, replaced_another: candidate.method_replaced_another };
    forbid(!policy.methods.contains(&kind), LeftOut::MethodNotAllowed)?;
    wanted.reach.reaches(Destination { kind, route, currency: candidate.method_currency })?;
    method.can_be_paid_to(policy, wanted.now)?;
    forbid(candidate.available < wanted.minimum.minor(), LeftOut::BelowMinimum)?;
    forbid(candidate.customers < i64::from(policy.minimum_customers), LeftOut::TooFewCustomers)?;
    forbid(policy.tax_data_required && !candidate.has_tax_id, LeftOut::TaxDataMissing)?;
    forbid(policy.invoice_required && !wanted.has_invoice, LeftOut::InvoiceMissing)?;
    Ok(method_id)
}
