use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{GroupId, PartnerId, ProgramId};
use money::{Currency, Money};
use rust_decimal::Decimal;

use super::{FeePayer, PayoutMethodKind, PayoutPolicy, Schedule, ScheduleKind};
use crate::{
    act::Act,
    audit, events,
    groups::Group,
    partners::Partner,
    programs::Program,
    schema::{payout_policies, payout_schedules},
    scope::AccountScope,
    text::{Checks, FieldProblem, TextProblem},
};

/// For whom a policy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Everybody in a program.
    Program(ProgramId),
    /// The partners of a group.
    Group(GroupId),
    /// One partner.
    Partner(PartnerId),
}

/// Changes of a policy: `None` leaves a field as it is, `Some(None)` takes it away, so that the next wider policy holds.
#[derive(Debug, Clone, Default)]
pub struct PolicyChanges {
    /// At least one.
    pub methods: Option<Option<Vec<PayoutMethodKind>>>,
    /// In major units of the program's currency, at least 0.
    pub minimum: Option<Option<Decimal>>,
    /// In major units of the program's currency; 0 is no bound.
    pub maximum_per_batch: Option<Option<Decimal>>,
    /// At least 0.
    pub minimum_customers: Option<Option<i32>>,
    /// See [`super::Policy`].
    pub partner_requests: Option<Option<bool>>,
    /// See [`super::Policy`].
    pub auto_approve_requests: Option<Option<bool>>,
    /// See [`super::Policy`].
    pub invoice_required: Option<Option<bool>>,
    /// See [`super::Policy`].
    pub tax_data_required: Option<Option<bool>>,
    /// 0 to 720.
    pub cooldown_hours: Option<Option<i32>>,
    /// See [`super::Policy`].
    pub fee_payer: Option<Option<FeePayer>>,
    /// Of programs alone.
    pub four_eyes: Option<Option<bool>>,
    /// Of programs alone.
    pub pay_by_api: Option<Option<bool>>,
    /// Of programs alone: kind and day, which is 1 to 7 from Monday, or 1 to 31 of the month.
    pub schedule: Option<Option<(ScheduleKind, Option<i32>)>>,
}

/// Why a policy was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// No such program, group or partner in reach.
    #[error("no such program, group or partner")]
    NotFound,
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// Four eyes and the schedule are of programs alone.
    #[error("of programs alone")]
    OfProgramsAlone,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl PolicyChanges {
    fn are_of_programs(&self) -> bool {
        self.four_eyes.is_some() || self.pay_by_api.is_some() || self.schedule.is_some()
    }

    fn applied(&self, policy: &mut PayoutPolicy, currency: Currency) -> Result<(), Vec<FieldProblem>> {
        let mut checks = Checks::default();
        if self.methods.as_ref().is_some_and(|methods| methods.as_ref().is_some_and(Vec::is_empty)) {
            checks.0.push(FieldProblem::of("methods", TextProblem::Missing));
        }
        let minimum = self.minimum.map(|said| amount(&mut checks, "minimum", said, currency));
        let maximum =
            self.maximum_per_batch.map(|said| amount(&mut checks, "maximumPerBatch", said, currency));
        within(&mut checks, "minimumCustomers", self.minimum_customers, 0..=1_000_000);
        within(&mut checks, "cooldownHours", self.cooldown_hours, 0..=720);
        let schedule =
            self.schedule.map(|said| said.map_or(Some((None, None)), |said| checked(&mut checks, said)));
        checks.done(())?;
        set(&mut policy.methods, self.methods.clone());
        set(&mut policy.minimum, minimum);
        set(&mut policy.maximum_per_batch, maximum);
        if let (Some(minimum), Some(most)) = (policy.minimum, policy.maximum_per_batch)
            && (1..minimum).contains(&most)
        {
            return Err(vec![FieldProblem::of("maximumPerBatch", TextProblem::Malformed)]);
        }
        set(&mut policy.minimum_customers, self.minimum_customers);
        set(&mut policy.partner_requests, self.partner_requests);
        set(&mut policy.auto_approve_requests, self.auto_approve_requests);
        set(&mut policy.invoice_required, self.invoice_required);
        set(&mut policy.tax_data_required, self.tax_data_required);
        set(&mut policy.cooldown_hours, self.cooldown_hours);
        set(&mut policy.fee_payer, self.fee_payer);
        set(&mut policy.four_eyes, self.four_eyes);
        set(&mut policy.pay_by_api, self.pay_by_api);
        if let Some((kind, day)) = schedule.flatten() {
            (policy.schedule, policy.schedule_day) = (kind, day);
        }
        Ok(())
    }
}

fn set<T>(field: &mut Option<T>, said: Option<Option<T>>) {
    if let Some(said) = said {
        *field = said;
    }
}

fn within(
    checks: &mut Checks,
    field: &str,
    said: Option<Option<i32>>,
    allowed: std::ops::RangeInclusive<i32>,
) {
    if said.flatten().is_some_and(|said| !allowed.contains(&said)) {
        checks.0.push(FieldProblem::of(field, TextProblem::Malformed));
    }
}

fn amount(checks: &mut Checks, field: &str, said: Option<Decimal>, currency: Currency) -> Option<i64> {
    let amount = Money::from_decimal(said?, currency).ok().filter(|amount| amount.minor() >= 0);
    checks.take(field, amount.ok_or(TextProblem::Malformed)).map(Money::minor)
}

type Words = (Option<ScheduleKind>, Option<i32>);

fn checked(checks: &mut Checks, (kind, day): (ScheduleKind, Option<i32>)) -> Option<Words> {
    let is_in_order = match kind {
        ScheduleKind::Manual => day.is_none(),
        ScheduleKind::Weekly | ScheduleKind::Fortnightly => day.is_some_and(|day| (1..=7).contains(&day)),
        ScheduleKind::Monthly => day.is_some_and(|day| (1..=31).contains(&day)),
    };
    let checked = if is_in_order { Ok((Some(kind), day)) } else { Err(TextProblem::Malformed) };
    checks.take("schedule", checked)
}

impl PayoutPolicy {
    /// Changes the policy of a program, a group or a partner; the first change makes it.
    ///
    /// # Errors
    /// [`UpdateError`].
    pub async fn update(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        whose: Whose,
        changes: &PolicyChanges,
        act: &Act,
    ) -> Result<Self, UpdateError> {
        if !matches!(whose, Whose::Program(_)) && changes.are_of_programs() {
            return Err(UpdateError::OfProgramsAlone);
        }
        conn.transaction(async |conn| {
            let (program_id, group_id, partner_id) =
                resolve(conn, scope, whose).await?.ok_or(UpdateError::NotFound)?;
            // Changes of one program's policies take turns.
            let program =
                Program::find_locked(conn, scope, program_id).await?.ok_or(UpdateError::NotFound)?;
            let before: Option<Self> = payout_policies::table
                .filter(payout_policies::account_id.eq(scope.account_id))
                .filter(payout_policies::program_id.eq(program_id))
                .filter(payout_policies::group_id.is_not_distinct_from(group_id))
                .filter(payout_policies::partner_id.is_not_distinct_from(partner_id))
                .select(Self::as_select())
                .first(conn)
                .await
                .optional()?;
            let mut after =
                before.clone().unwrap_or_else(|| Self::empty(&program, (group_id, partner_id), act));
            changes.applied(&mut after, program.currency).map_err(UpdateError::Invalid)?;
            after.updated_at = act.now;
            diesel::insert_into(payout_policies::table)
                .values(&after)
                .on_conflict(payout_policies::id)
                .do_update()
                .set(&after)
                .execute(conn)
                .await?;
            if changes.schedule.is_some() {
                after.plan(conn, &program, act).await?;
            }
            let change = (before.as_ref(), Some(&after));
            audit::record(conn, act, after.account_id, "payoutPolicyUpdate", after.id, change).await?;
            events::record(conn, act, &[after.event()]).await?;
            Ok(after)
        })
        .await
    }

    fn empty(
        program: &Program,
        (group_id, partner_id): (Option<GroupId>, Option<PartnerId>),
        act: &Act,
    ) -> Self {
        Self {
            id: act.ids.next(act.now),
            account_id: program.account_id,
            program_id: program.id,
            group_id,
            partner_id,
            methods: None,
            minimum: None,
            maximum_per_batch: None,
            minimum_customers: None,
            partner_requests: None,
            auto_approve_requests: None,
            invoice_required: None,
            tax_data_required: None,
            cooldown_hours: None,
            fee_payer: None,
            four_eyes: None,
            pay_by_api: None,
            schedule: None,
            schedule_day: None,
            created_at: act.now,
            updated_at: act.now,
        }
    }

    /// Notes when the next draft is due.
    async fn plan(&self, conn: &mut AsyncPgConnection, program: &Program, act: &Act) -> QueryResult<()> {
        use payout_schedules as s;
        let next = Schedule::of(self).and_then(|schedule| schedule.next(act.now, program.calendar()));
        let Some(next) = next else {
            diesel::delete(s::table.find(program.id)).execute(conn).await?;
            return Ok(());
        };
        let plan = diesel::insert_into(s::table)
            .values((s::program_id.eq(program.id), s::account_id.eq(program.account_id), s::next_at.eq(next)))
            .on_conflict(s::program_id)
            .do_update()
            .set(s::next_at.eq(next));
        // What is due, or is tried again, is not lost because somebody saves the policy.
        let stands = s::next_at.gt(act.now).and(s::retry_at.is_null());
        diesel::query_dsl::methods::FilterDsl::filter(plan, stands).execute(conn).await?;
        Ok(())
    }
}

type Found = (ProgramId, Option<GroupId>, Option<PartnerId>);

async fn resolve(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    whose: Whose,
) -> QueryResult<Option<Found>> {
    Ok(match whose {
        Whose::Program(id) => Some((id, None, None)),
        Whose::Group(id) => {
            let group = Group::find(conn, scope, id).await?;
            group.map(|group| (group.program_id, Some(id), None))
        }
        Whose::Partner(id) => {
            let partner = Partner::find(conn, scope, id).await?;
            partner.map(|partner| (partner.program_id, None, Some(id)))
        }
    })
}
