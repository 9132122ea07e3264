use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{PartnerId, PayoutBatchId, ProgramId};
use money::Currency;
use serde::Serialize;

use super::{BatchOrigin, BatchStatus, FreezeBatch, PayoutBatch, Rail};
use crate::{
    act::Act,
    audit,
    idempotency::{self, Claim},
    payout_policies::{PayoutMethodKind, Policies},
    payouts::Reach,
    programs::Program,
    schema::payout_batches,
    scope::AccountScope,
    text::{Checks, FieldProblem, TextProblem},
};

/// The most partners that are chosen one by one.
const MOST_PARTNERS: usize = 1_000;

/// A batch to be prepared.
#[derive(Debug, Clone, Serialize)]
pub struct NewBatch {
    /// The program.
    pub program_id: ProgramId,
    /// The currency; the program's if absent.
    pub currency: Option<Currency>,
    /// Over what it is paid.
    pub rail: Rail,
    /// It takes rewards that were released by then; now if absent. Not later than now.
    pub cutoff_at: Option<DateTime<Utc>>,
    /// These kinds of methods alone; all that the rail reaches if absent.
    pub methods: Option<Vec<PayoutMethodKind>>,
    /// These partners alone; all if absent.
    pub partners: Option<Vec<PartnerId>>,
    /// Those accounts alone that this rail does not reach, of its own kinds unless others are said; of a list alone, whose rail is
    /// [`Rail::File`]. All if absent.
    pub beyond: Option<Rail>,
}

/// Why no batch was prepared.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// No such program in reach.
    #[error("no such program")]
    NotFound,
    /// The rail carries no money of this currency.
    #[error("{rail} does not carry {currency}")]
    RailOfOtherCurrency {
        /// The rail.
        rail: Rail,
        /// The currency.
        currency: Currency,
    },
    /// The idempotency key was used with other words.
    #[error("the idempotency key was used with other input")]
    IdempotencyMismatch,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl NewBatch {
    /// A batch of all that a program owes over this rail, in its currency, until now.
    pub fn over(rail: Rail, program_id: ProgramId) -> Self {
        Self {
            program_id,
            currency: None,
            rail,
            cutoff_at: None,
            methods: None,
            partners: None,
            beyond: None,
        }
    }

    fn checked(&self, key: Option<&str>, now: DateTime<Utc>) -> Result<(), Vec<FieldProblem>> {
        let mut checks = Checks::default();
        checks.idempotency_key(key);
        if self.cutoff_at.is_some_and(|at| at > now) {
            checks.0.push(FieldProblem::of("cutoffAt", TextProblem::Malformed));
        }
        let reached = |methods: &Vec<PayoutMethodKind>| {
            !methods.is_empty() && methods.iter().all(|kind| self.rail.reaches().contains(kind))
        };
        if !self.methods.as_ref().is_none_or(reached) {
            checks.0.push(FieldProblem::of("methods", TextProblem::Malformed));
        }
        if self.beyond.is_some_and(|beyond| self.rail != Rail::File || beyond == Rail::File) {
            checks.0.push(FieldProblem::of("beyond", TextProblem::Malformed));
        }
        match self.partners.as_ref().map(Vec::len) {
            Some(0) => checks.0.push(FieldProblem::of("partnerIds", TextProblem::Missing)),
            Some(many) if many > MOST_PARTNERS => {
                checks.0.push(FieldProblem::of("partnerIds", TextProblem::TooLong { limit: MOST_PARTNERS }));
            }
            _ => {}
        }
        checks.done(())
    }

    /// Where it pays to.
    pub(super) fn reach(&self, currency: Currency) -> Reach<'_> {
        self.rail.reach((self.methods.as_deref(), self.beyond), currency)
    }

    /// The program and the currency that it is about.
    pub(super) async fn resolve(
        &self,
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        (key, now): (Option<&str>, DateTime<Utc>),
    ) -> Result<(Program, Currency), CreateError> {
        self.checked(key, now).map_err(CreateError::Invalid)?;
        let program = Program::find(conn, scope, self.program_id).await?.ok_or(CreateError::NotFound)?;
        let currency = self.currency.unwrap_or(program.currency);
        if !self.rail.carries(currency) {
            return Err(CreateError::RailOfOtherCurrency { rail: self.rail, currency });
        }
        Ok((program, currency))
    }
}

impl PayoutBatch {
    /// Begins a batch: a draft, whose ranges a job freezes.
    ///
    /// # Errors
    /// [`CreateError`].
    pub async fn create(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        new: &NewBatch,
        key: &str,
        act: &Act,
    ) -> Result<Self, CreateError> {
        let id: PayoutBatchId = act.ids.next(act.now);
        let said = idempotency::fingerprint(new);
        conn.transaction(async |conn| {
            let (program, currency) = new.resolve(conn, scope, (Some(key), act.now)).await?;
            let (name, object) = (("payoutBatchCreate", key), id.to_string());
            match idempotency::claim(conn, scope.account_id, name, &said, &object, act.now).await? {
                Claim::New => {}
                Claim::Mismatch => return Err(CreateError::IdempotencyMismatch),
                Claim::Replayed(object) => return Self::replayed(conn, scope, &object).await,
            }
            let batch = Self::draft(conn, (id, BatchOrigin::Manual), (&program, currency), new, act).await?;
            Ok(batch)
        })
        .await
    }

    async fn replayed(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        object: &str,
    ) -> Result<Self, CreateError> {
        let id = object.parse().map_err(|_| CreateError::IdempotencyMismatch)?;
        Self::find(conn, scope, id).await?.ok_or(CreateError::IdempotencyMismatch)
    }

    /// Stores a draft and sends the job that freezes it, in the caller's transaction.
    pub(super) async fn draft(
        conn: &mut AsyncPgConnection,
        (id, origin): (PayoutBatchId, BatchOrigin),
        (program, currency): (&Program, Currency),
        new: &NewBatch,
        act: &Act,
    ) -> QueryResult<Self> {
        let policies = Policies::load(conn, program.account_id, &[program.id], &[]).await?;
        let batch = Self {
            id,
            account_id: program.account_id,
            program_id: program.id,
            currency,
            rail: new.rail,
            status: BatchStatus::Draft,
            origin,
            four_eyes: policies.of_program(program.id).four_eyes,
            cutoff_at: new.cutoff_at.unwrap_or(act.now),
            methods: new.methods.clone(),
            partners: new.partners.clone(),
            beyond: new.beyond,
            retry_of: None,
            frozen_up_to: None,
            payouts: 0,
            total: 0,
            content_hash: None,
            paid: 0,
            failed: 0,
            cancelled: 0,
            prepared_by: act.actor.to_string(),
            approved_by: None,
            executed_by: None,
            created_at: act.now,
            frozen_at: None,
            approved_at: None,
            executed_at: None,
            ended_at: None,
            updated_at: act.now,
        };
        batch.begin(conn, act).await?;
        Ok(batch)
    }

    /// Stores it as a draft, with the job that freezes it.
    pub(super) async fn begin(&self, conn: &mut AsyncPgConnection, act: &Act) -> QueryResult<()> {
        diesel::insert_into(payout_batches::table).values(self).execute(conn).await?;
        let freeze = FreezeBatch { account_id: self.account_id, batch_id: self.id };
        queue::enqueue(conn, act.now, &act.ids, &[self.job(&freeze, act)]).await?;
        audit::record(conn, act, self.account_id, "payoutBatchCreate", self.id, (None, Some(self))).await
    }
}
