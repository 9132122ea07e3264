use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::payout_policies::{Policy, Schedule};
use money::Currency;

use super::{
    enums::{PayoutFeePayer, PayoutMethodKind, PayoutScheduleKind},
    loader::PolicyOf,
};
use crate::graphql::{
    context::Request,
    error::ApiError,
    groups::Group,
    guard::{Needs, Permission, needs},
    partners::Partner,
    programs::Program,
    scalars::Money,
};

/// When drafts of batches are made, at the beginning of a day in the program's time zone.
#[derive(Clone, SimpleObject)]
pub struct PayoutSchedule {
    /// How often.
    kind: PayoutScheduleKind,
    /// On which day: of the week, 1 to 7 from Monday, or of the month, 1 to 31, where a shorter month takes its last. Null with
    /// MANUAL.
    day: Option<i32>,
}

/// How payouts are made: what holds here, with everything that a wider policy or the default says. A partner's policy beats
/// that of its group, which beats the program's.
pub struct PayoutPolicy {
    policy: Policy,
    currency: Currency,
}

impl PayoutPolicy {
    /// What holds for a program, a group or a partner that was found in the scope; none if the program is out of reach.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(ctx: &Context<'_>, whose: PolicyOf) -> Result<Option<Self>, ApiError> {
        let loader = Request::loader(ctx)?;
        let program: Option<Program> = loader.load_one(whose.program_id()).await?;
        let (Some(program), Some(policy)) = (program, loader.load_one(whose).await?) else { return Ok(None) };
        Ok(Some(Self { policy, currency: program.0.currency }))
    }
}

/// How payouts are made: what holds here, with everything that a wider policy or the default says. A partner's policy beats
/// that of its group, which beats the program's.
#[Object]
impl PayoutPolicy {
    /// What may be paid to; everything by default.
    async fn methods(&self) -> Vec<PayoutMethodKind> {
        self.policy.methods.iter().map(|kind| (*kind).into()).collect()
    }

    /// The least that is paid in the program's currency; 0 by default. In other currencies there is no least.
    async fn minimum(&self) -> Money {
        money::Money::new(self.policy.minimum, self.currency).into()
    }

    /// The most that a batch pays one partner in the program's currency; null, the default, is no bound. Rewards are taken whole,
    /// the oldest first, and the rest waits for the next batch.
    async fn maximum_per_batch(&self) -> Option<Money> {
        self.policy.maximum_per_batch.map(|most| money::Money::new(most, self.currency).into())
    }

    /// How many customers who have paid a partner must have referred; 0 by default.
    async fn minimum_customers(&self) -> i32 {
        self.policy.minimum_customers
    }

    /// Whether payouts may be requested on behalf of partners; true by default.
    async fn partner_requests(&self) -> bool {
        self.policy.partner_requests
    }

    /// Whether requests are approved at once; false by default.
    async fn auto_approve_requests(&self) -> bool {
        self.policy.auto_approve_requests
    }

    /// Whether a payout needs an invoice of the partner's, so that it is requested with one and no batch makes it by itself;
    /// false by default.
    async fn invoice_required(&self) -> bool {
        self.policy.invoice_required
    }

    /// Whether the payee must have given a tax number; false by default.
    async fn tax_data_required(&self) -> bool {
        self.policy.tax_data_required
    }

    /// For how many hours nothing is paid to a method that took the place of another; 24 by default.
    async fn cooldown_hours(&self) -> i32 {
        self.policy.cooldown_hours
    }

    /// Who bears the fee; OWNER by default.
    async fn fee_payer(&self) -> PayoutFeePayer {
        self.policy.fee_payer.into()
    }

    /// Whether a batch is approved by another person than the one who prepared it; false by default. Of programs alone.
    async fn four_eyes(&self) -> bool {
        self.policy.four_eyes
    }

    /// Whether the drafts of the schedule pay PayPal and Wise by their APIs, and not by files for their websites; false by default.
    /// A currency that PayPal does not pay, or whose fractions it drops, is drafted as a FILE. Of programs alone.
    async fn pay_by_api(&self) -> bool {
        self.policy.pay_by_api
    }

    /// When drafts of batches are made; MANUAL by default. Of programs alone.
    async fn schedule(&self) -> PayoutSchedule {
        schedule(self.policy.schedule)
    }
}

fn schedule(schedule: Schedule) -> PayoutSchedule {
    let (kind, day) = schedule.words();
    PayoutSchedule { kind: kind.into(), day: day.and_then(|day| i32::try_from(day).ok()) }
}

/// What a program, a group or a partner says of its own about payouts. Null is: nothing, the next wider policy holds.
#[derive(Clone)]
pub struct StoredPayoutPolicy(pub domain::payout_policies::PayoutPolicy);

impl From<domain::payout_policies::PayoutPolicy> for StoredPayoutPolicy {
    fn from(policy: domain::payout_policies::PayoutPolicy) -> Self {
        Self(policy)
    }
}

impl StoredPayoutPolicy {
    async fn money(&self, ctx: &Context<'_>, minor: Option<i64>) -> Result<Option<Money>, ApiError> {
        let Some(minor) = minor else { return Ok(None) };
        let program: Option<Program> = Request::loader(ctx)?.load_one(self.0.program_id).await?;
        Ok(program.map(|program| money::Money::new(minor, program.0.currency).into()))
    }
}

/// What a program, a group or a partner says of its own about payouts. Null is: nothing, the next wider policy holds.
#[Object]
impl StoredPayoutPolicy {
    /// `ppo_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The program.
    async fn program(&self, ctx: &Context<'_>) -> Result<Option<Program>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.program_id).await
    }

    /// The group whose partners it is for; null if it is for the program or a partner.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn group(&self, ctx: &Context<'_>) -> Result<Option<Group>, ApiError> {
        let Some(id) = self.0.group_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(id).await
    }

    /// The partner that it is for; null if it is for the program or a group.
    #[graphql(directive = needs::apply(Permission::PartnersRead), guard = "Needs(Permission::PartnersRead)")]
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>, ApiError> {
        let Some(id) = self.0.partner_id else { return Ok(None) };
        Request::loader(ctx)?.load_one(id).await
    }

    /// What may be paid to.
    async fn methods(&self) -> Option<Vec<PayoutMethodKind>> {
        let methods = self.0.methods.as_ref()?;
        Some(methods.iter().map(|kind| (*kind).into()).collect())
    }

    /// The least that is paid in the program's currency.
    async fn minimum(&self, ctx: &Context<'_>) -> Result<Option<Money>, ApiError> {
        self.money(ctx, self.0.minimum).await
    }

    /// The most that a batch pays one partner in the program's currency; 0 is no bound, whatever a wider policy says.
    async fn maximum_per_batch(&self, ctx: &Context<'_>) -> Result<Option<Money>, ApiError> {
        self.money(ctx, self.0.maximum_per_batch).await
    }

    /// How many customers who have paid a partner must have referred.
    async fn minimum_customers(&self) -> Option<i32> {
        self.0.minimum_customers
    }

    /// Whether payouts may be requested on behalf of partners.
    async fn partner_requests(&self) -> Option<bool> {
        self.0.partner_requests
    }

    /// Whether requests are approved at once.
    async fn auto_approve_requests(&self) -> Option<bool> {
        self.0.auto_approve_requests
    }

    /// Whether a payout needs an invoice of the partner's.
    async fn invoice_required(&self) -> Option<bool> {
        self.0.invoice_required
    }

    /// Whether the payee must have given a tax number.
    async fn tax_data_required(&self) -> Option<bool> {
        self.0.tax_data_required
    }

    /// For how many hours nothing is paid to a method that took the place of another.
    async fn cooldown_hours(&self) -> Option<i32> {
        self.0.cooldown_hours
    }

    /// Who bears the fee.
    async fn fee_payer(&self) -> Option<PayoutFeePayer> {
        self.0.fee_payer.map(Into::into)
    }

    /// Whether a batch is approved by another person than the one who prepared it.
    async fn four_eyes(&self) -> Option<bool> {
        self.0.four_eyes
    }

    /// Whether the drafts of the schedule pay PayPal and Wise by their APIs.
    async fn pay_by_api(&self) -> Option<bool> {
        self.0.pay_by_api
    }

    /// When drafts of batches are made.
    async fn schedule(&self) -> Option<PayoutSchedule> {
        Some(PayoutSchedule { kind: self.0.schedule?.into(), day: self.0.schedule_day })
    }

    /// When it was first said.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}
