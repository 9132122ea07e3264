use async_graphql::{InputObject, MaybeUndefined};
use domain::payout_policies::{PolicyChanges, Whose};
use ids::{GroupId, PartnerId, ProgramId};
use rust_decimal::Decimal;

use super::enums::{PayoutFeePayer, PayoutMethodKind, PayoutScheduleKind};
use crate::graphql::error::{UserError, UserErrorCode};

/// When drafts of batches are made, at the beginning of a day in the program's time zone.
#[derive(InputObject)]
pub struct PayoutScheduleInput {
    /// How often.
    kind: PayoutScheduleKind,
    /// On which day: of the week, 1 to 7 from Monday, or of the month, 1 to 31, where a shorter month takes its last. Not with
    /// MANUAL, and needed otherwise.
    day: Option<i32>,
}

/// Changes of how payouts are made. What is left out stays as it is; null takes it away, so that the next wider policy holds: of
/// a partner its group's, then the program's, at last the default.
#[derive(InputObject)]
pub struct PayoutPolicyInput {
    /// What may be paid to, at least one. By default everything.
    #[graphql(validator(max_items = 100))]
    methods: MaybeUndefined<Vec<PayoutMethodKind>>,
    /// The least that is paid, in major units of the program's currency, at least 0. By default 0.
    minimum: MaybeUndefined<Decimal>,
    /// The most that a batch makes for one partner who asked for nothing, in major units of the program's currency; 0 is no bound,
    /// which is the default. It takes the oldest rewards that fit; a single reward above it stays behind. Requests are not bounded,
    /// but what a batch tries again of one that failed is; batches in another currency than the program's are not.
    maximum_per_batch: MaybeUndefined<Decimal>,
    /// How many customers who have paid a partner must have referred, 0 to 1,000,000. By default 0.
    minimum_customers: MaybeUndefined<i32>,
    /// Whether payouts may be requested on behalf of partners. By default true.
    partner_requests: MaybeUndefined<bool>,
    /// Whether requests are approved at once. By default false.
    auto_approve_requests: MaybeUndefined<bool>,
    /// Whether a payout needs an invoice of the partner's. By default false.
    invoice_required: MaybeUndefined<bool>,
    /// Whether the payee must have given a tax number. By default false.
    tax_data_required: MaybeUndefined<bool>,
    /// For how many hours nothing is paid to a method that took the place of another, 0 to 720. By default 24.
    cooldown_hours: MaybeUndefined<i32>,
    /// Who bears the fee. By default OWNER.
    fee_payer: MaybeUndefined<PayoutFeePayer>,
    /// Whether two persons see each batch: another than the one who prepared it approves it, and of those that the schedule
    /// prepares, another than the one who approved it executes it. By default false. Of programs alone; holds for batches that
    /// are prepared from now on.
    four_eyes: MaybeUndefined<bool>,
    /// Whether the drafts of the schedule pay PayPal and Wise by their APIs, and not by files for their websites. By default false. A
    /// currency that PayPal does not pay, or whose fractions it drops, is drafted as a FILE. Of programs alone.
    pay_by_api: MaybeUndefined<bool>,
    /// When drafts of batches are made: in the program's currency, one for each kind of method by which somebody is to be paid, and
    /// a list (`FILE`) of whom the rail of that kind does not reach. By default MANUAL. Of programs alone.
    schedule: MaybeUndefined<PayoutScheduleInput>,
}

impl PayoutPolicyInput {
    /// Whether it changes what guards the money against those who run the program.
    pub(super) fn guards(&self) -> bool {
        !self.four_eyes.is_undefined()
            || !self.auto_approve_requests.is_undefined()
            || !self.cooldown_hours.is_undefined()
    }
}

impl From<PayoutPolicyInput> for PolicyChanges {
    fn from(input: PayoutPolicyInput) -> Self {
        let methods: Option<Option<Vec<PayoutMethodKind>>> = input.methods.into();
        let fee_payer: Option<Option<PayoutFeePayer>> = input.fee_payer.into();
        let schedule: Option<Option<PayoutScheduleInput>> = input.schedule.into();
        Self {
            methods: methods.map(|said| said.map(|kinds| kinds.into_iter().map(Into::into).collect())),
            minimum: input.minimum.into(),
            maximum_per_batch: input.maximum_per_batch.into(),
            minimum_customers: input.minimum_customers.into(),
            partner_requests: input.partner_requests.into(),
            auto_approve_requests: input.auto_approve_requests.into(),
            invoice_required: input.invoice_required.into(),
            tax_data_required: input.tax_data_required.into(),
            cooldown_hours: input.cooldown_hours.into(),
            fee_payer: fee_payer.map(|said| said.map(Into::into)),
            four_eyes: input.four_eyes.into(),
            pay_by_api: input.pay_by_api.into(),
            schedule: schedule.map(|said| said.map(|said| (said.kind.into(), said.day))),
        }
    }
}

/// The one that is named.
pub(super) fn whose(
    program: Option<ProgramId>,
    group: Option<GroupId>,
    partner: Option<PartnerId>,
) -> Result<Whose, UserError> {
    let refused = |code| UserError::new(code, "Name one of programId, groupId and partnerId.");
    match (program, group, partner) {
        (Some(id), None, None) => Ok(Whose::Program(id)),
        (None, Some(id), None) => Ok(Whose::Group(id)),
        (None, None, Some(id)) => Ok(Whose::Partner(id)),
        (None, None, None) => Err(refused(UserErrorCode::Required)),
        _ => Err(refused(UserErrorCode::Invalid)),
    }
}
