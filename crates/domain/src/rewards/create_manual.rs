use chrono::{DateTime, SubsecRound, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{CustomerId, PartnerId, RewardId, TypedId};
use money::{Currency, Money, Rounding};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::json;

use super::{Reward, RewardStatus, RewardTrigger, count::count_reward};
use crate::{
    act::Act,
    audit,
    customers::Customer,
    events::{self, EventKind},
    idempotency::{self, Claim},
    ledger::{self, Balance, Owner, Posting, TransferReason},
    partners::{Partner, PartnerStatus},
    programs::{Cursor, Program, ProgramStatus},
    schema::rewards,
    scope::AccountScope,
    terms::{Terms, Value},
    text::{self, Checks, FieldProblem, TextProblem},
};

/// The most that a person gives or takes at once, in minor units.
const MOST_MINOR: i64 = 10_000_000_000_000;

/// A reward, bonus or correction that a person gives by hand.
#[derive(Debug, Clone)]
pub struct ManualReward {
    /// Who gets it.
    pub owner: Owner,
    /// In major units; below 0 it corrects downward. Not 0.
    pub amount: Decimal,
    /// The program's currency, one that the owner has already, or a unit that the program's terms give.
    pub currency: Currency,
    /// 1 to 500 characters.
    pub reason: String,
    /// When it counts; now if absent.
    pub occurred_at: Option<DateTime<Utc>>,
    /// The same key again answers with the reward of the first call.
    pub idempotency_key: String,
}

/// Why nothing was given.
#[derive(Debug, thiserror::Error)]
pub enum CreateManualError {
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// No such partner or customer in reach.
    #[error("no such owner")]
    NotFound(Owner),
    /// Only approved partners are given anything; corrections downward are for all.
    #[error("the partner is {current}")]
    PartnerNotApproved {
        /// Where the partner stands.
        current: PartnerStatus,
    },
    /// A draft has promised nothing yet.
    #[error("the program is a draft")]
    ProgramInDraft,
    /// Neither the program's currency, nor one that the owner has, nor a unit of the program's terms.
    #[error("{currency} is not used here")]
    CurrencyNotUsed {
        /// What was said.
        currency: Currency,
    },
    /// More than 24 h ahead, or older than the program's late sale days.
    #[error("too early or too late")]
    Untimely,
    /// The idempotency key was used with other words.
    #[error("the idempotency key was used with other input")]
    IdempotencyMismatch,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

/// What is in order, in the form in which it is kept, and as its fingerprint is made.
#[derive(Serialize)]
struct Checked {
    partner_id: Option<PartnerId>,
    customer_id: Option<CustomerId>,
    amount: Money,
    reason: String,
    occurred_at: Option<DateTime<Utc>>,
}

impl ManualReward {
    /// A partner who is not approved is given nothing new (A3); what was too much is taken from anybody.
    fn is_allowed_for(&self, status: PartnerStatus) -> bool {
        status == PartnerStatus::Approved || self.amount.is_sign_negative()
    }

    fn checked(&self) -> Result<Checked, Vec<FieldProblem>> {
        let mut checks = Checks::default();
        checks.idempotency_key(Some(&self.idempotency_key));
        let amount = Money::from_decimal(self.amount, self.currency).map_err(|_| TextProblem::Malformed);
        let amount = amount.and_then(|amount| match amount.minor() {
            0 => Err(TextProblem::Malformed),
            minor if minor.unsigned_abs() > MOST_MINOR.unsigned_abs() => Err(TextProblem::Malformed),
            _ => Ok(amount),
        });
        let amount = checks.take("amount", amount);
        let reason = checks.take("reason", text::line(&self.reason, 500));
        let checked = Checked {
            partner_id: self.owner.partner(),
            customer_id: self.owner.customer(),
            amount: amount.unwrap_or(Money::zero(self.currency)),
            reason: reason.unwrap_or_default(),
            occurred_at: self.occurred_at.map(|at| at.trunc_subsecs(6)),
        };
        checks.done(checked)
    }
}

impl Reward {
    /// Gives a reward by hand: it is earned and released at once, whatever the holds of the terms. Below zero it takes from
    /// what is available, which may become debt.
    ///
    /// # Errors
    /// [`CreateManualError`].
    pub async fn create_manual(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        said: &ManualReward,
        act: &Act,
    ) -> Result<Self, CreateManualError> {
        let checked = said.checked().map_err(CreateManualError::Invalid)?;
        let fingerprint = idempotency::fingerprint(&checked);
        let id: RewardId = act.ids.next(act.now);
        conn.transaction(async |conn| {
            let (program, partner) = program_of(conn, scope, said.owner).await?;
            let (name, object) = (("rewardCreateManual", said.idempotency_key.as_str()), id.to_string());
            match idempotency::claim(conn, scope.account_id, name, &fingerprint, &object, act.now).await? {
                Claim::New => {}
                Claim::Mismatch => return Err(CreateManualError::IdempotencyMismatch),
                Claim::Replayed(object) => return replayed(conn, scope, &object).await,
            }
            if let Some(current) = partner.filter(|current| !said.is_allowed_for(*current)) {
                return Err(CreateManualError::PartnerNotApproved { current });
            }
            // What changes balances of rewards takes turns with the program's writer.
            Cursor::lock(conn, program.id).await?;
            allow(conn, scope, &program, said, &checked, act).await?;
            let reward = checked.reward(id, &program, act);
            diesel::insert_into(rewards::table).values(&reward).execute(conn).await?;
            ledger::post(conn, &reward.given_at_once()?, act).await?;
            let mut deltas = program.deltas();
            count_reward(&mut deltas, &reward, reward.net);
            deltas.append(conn).await?;
            audit::record(conn, act, reward.account_id, "rewardCreateManual", id, (None, Some(&checked)))
                .await?;
            let mut told = vec![reward.event(EventKind::RewardCreated)];
            told.extend((reward.net > 0).then(|| reward.event(EventKind::RewardReleased)));
            events::record(conn, act, &told).await?;
            Ok(reward)
        })
        .await
    }

    /// The moves of a reward that is not held.
    fn given_at_once(&self) -> QueryResult<Vec<Posting>> {
        if self.net < 0 {
            return Ok(vec![Posting { amount: -self.net, ..self.posting(TransferReason::Corrected)? }]);
        }
        Ok(vec![self.posting(TransferReason::Earned)?, self.posting(TransferReason::Released)?])
    }
}

async fn replayed(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    object: &str,
) -> Result<Reward, CreateManualError> {
    let id = object.parse().map_err(|_| CreateManualError::IdempotencyMismatch)?;
    Reward::find(conn, scope, id).await?.ok_or(CreateManualError::IdempotencyMismatch)
}

/// The program of whoever gets it, and where they stand, if they are a partner.
async fn program_of(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    owner: Owner,
) -> Result<(Program, Option<PartnerStatus>), CreateManualError> {
    let found = match owner {
        Owner::Partner(id) => {
            let partner = Partner::find(conn, scope, id).await?;
            partner.map(|partner| (partner.program_id, Some(partner.status)))
        }
        Owner::Customer(id) => {
            let customer = Customer::find(conn, scope, id).await?;
            customer.map(|customer| (customer.program_id, None))
        }
    };
    let (program_id, partner) = found.ok_or(CreateManualError::NotFound(owner))?;
    let program = Program::find(conn, scope, program_id).await?;
    Ok((program.ok_or(CreateManualError::NotFound(owner))?, partner))
}

/// Whether a rule of the version gives this unit.
fn gives(version: &Terms, unit: Currency) -> bool {
    let is_given =
        |value: &Value| matches!(value, Value::Units { unit: one, .. } if Currency::Unit(*one) == unit);
    version.rules().is_ok_and(|rules| {
        rules.iter().any(|rule| {
            let tiers = rule.tiers.iter().flat_map(|tiers| &tiers.steps).map(|step| &step.value);
            tiers.chain([&rule.value]).any(is_given)
        })
    })
}

async fn allow(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    program: &Program,
    said: &ManualReward,
    checked: &Checked,
    act: &Act,
) -> Result<(), CreateManualError> {
    if program.status == ProgramStatus::Draft {
        return Err(CreateManualError::ProgramInDraft);
    }
    if checked.occurred_at.is_some_and(|at| !program.accepts_time(at, act.now)) {
        return Err(CreateManualError::Untimely);
    }
    let currency = said.currency;
    if currency == program.currency {
        return Ok(());
    }
    let balances = match said.owner {
        Owner::Partner(id) => Balance::of_partners(conn, scope, &[id]).await?,
        Owner::Customer(id) => Balance::of_customers(conn, scope, &[id]).await?,
    };
    if balances.iter().any(|balance| balance.currency == currency) {
        return Ok(());
    }
    let versions = Terms::published(conn, program.account_id, &[program.id]).await?;
    if versions.iter().any(|version| gives(version, currency)) {
        return Ok(());
    }
    Err(CreateManualError::CurrencyNotUsed { currency })
}

impl Checked {
    fn reward(&self, id: RewardId, program: &Program, act: &Act) -> Reward {
        Reward {
            id,
            account_id: program.account_id,
            program_id: program.id,
            partner_id: self.partner_id,
            beneficiary_customer_id: self.customer_id,
            customer_id: None,
            transaction_id: None,
            trigger: RewardTrigger::Manual,
            source: id.uuid(),
            terms_id: None,
            rule: None,
            level: 0,
            step: None,
            evaluation: 1,
            currency: self.amount.currency(),
            amount: self.amount.minor(),
            net: self.amount.minor(),
            // Finer amounts are refused: nothing is rounded.
            rounding: Rounding::HalfEven,
            whole_reversal: false,
            lines: None,
            of_reward: false,
            trace: json!({ "by": act.actor.to_string() }),
            status: RewardStatus::Available,
            under_review: false,
            hold_until: act.now,
            released_at: Some(act.now),
            released_net: Some(self.amount.minor()),
            event_at: self.occurred_at.unwrap_or(act.now),
            reason: Some(self.reason.clone()),
            created_at: act.now,
            updated_at: act.now,
        }
    }
}
