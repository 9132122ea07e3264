use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{CustomerId, PartnerId};
use serde::Serialize;

use super::{Customer, upsert_all::SIGNUP};
use crate::{
    act::Act,
    attribution::{Attribution, AttributionSource, AttributionStatus, PastRewards, ReassignedPayload},
    audit,
    deltas::Added,
    events::{self, EventKind},
    idempotency::{self, Claim},
    partners::Partner,
    programs::{Program, ProgramStatus},
    schema::attributions,
    scope::AccountScope,
    text::{self, Checks, FieldProblem},
};

/// A customer who is to be given to another partner, or taken from the one that it has.
#[derive(Debug, Clone, Serialize)]
pub struct Reassignment {
    /// The customer.
    pub customer_id: CustomerId,
    /// Whose it is to be; nobody's if it is `None`.
    pub partner_id: Option<PartnerId>,
    /// What becomes of past rewards, and of the partners' figures.
    pub past_rewards: PastRewards,
    /// Why, in 1 to 500 characters; kept in the audit trail.
    pub reason: String,
    /// The same key and words again change nothing.
    #[serde(skip)]
    pub idempotency_key: String,
}

/// Why a customer was not reassigned.
#[derive(Debug, thiserror::Error)]
pub enum ReassignError {
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// No such customer in reach.
    #[error("no such customer")]
    NotFound,
    /// No such partner in the customer's program.
    #[error("no such partner")]
    PartnerNotFound,
    /// The partner is the customer.
    #[error("nobody refers themselves")]
    Itself,
    /// The customer is that partner's, or nobody's, already.
    #[error("nothing would change")]
    Unchanged,
    /// An archived program stays as it is.
    #[error("the program is {current}")]
    WrongState {
        /// Where the program stands.
        current: ProgramStatus,
    },
    /// The idempotency key was used with other words.
    #[error("the idempotency key was used with other input")]
    IdempotencyMismatch,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

/// What the audit trail keeps.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Trail<'a> {
    partner_id: Option<PartnerId>,
    past_rewards: Option<PastRewards>,
    reason: Option<&'a str>,
}

impl Reassignment {
    fn checked(&self) -> Result<String, Vec<FieldProblem>> {
        let mut checks = Checks::default();
        checks.idempotency_key(Some(&self.idempotency_key));
        let reason = checks.take("reason", text::line(&self.reason, 500)).unwrap_or_default();
        checks.done(reason)
    }
}

impl Customer {
    /// Gives the customer to another partner, or to none. Durations and terms go on counting from the first attribution.
    ///
    /// # Errors
    /// [`ReassignError`].
    pub async fn reassign(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        said: &Reassignment,
        act: &Act,
    ) -> Result<Self, ReassignError> {
        let reason = said.checked().map_err(ReassignError::Invalid)?;
        let customer = Self::find(conn, scope, said.customer_id).await?.ok_or(ReassignError::NotFound)?;
        conn.transaction(async |conn| {
            let (key, words) = (("customerReassign", &*said.idempotency_key), idempotency::fingerprint(said));
            let object = customer.id.to_string();
            match idempotency::claim(conn, customer.account_id, key, &words, &object, act.now).await? {
                Claim::New => {}
                Claim::Mismatch => return Err(ReassignError::IdempotencyMismatch),
                Claim::Replayed(_) => return Ok(customer.clone()),
            }
            // The lock makes reassignments, calls that name a partner, and a confirmation take turns.
            let customer = customer.locked(conn).await?;
            let program = customer.open_program(conn, scope).await?;
            if let Some(partner_id) = said.partner_id {
                customer.may_be_of(conn, scope, partner_id).await?;
            }
            let history = Attribution::history_of(conn, scope, customer.id).await?;
            let change =
                Change { customer: &customer, program: &program, said, reason: &reason, history: &history };
            change.write(conn, act).await?;
            Ok(customer)
        })
        .await
    }

    async fn open_program(
        &self,
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
    ) -> Result<Program, ReassignError> {
        let program = Program::find(conn, scope, self.program_id).await?.ok_or(ReassignError::NotFound)?;
        match program.status {
            ProgramStatus::Archived => Err(ReassignError::WrongState { current: program.status }),
            _ => Ok(program),
        }
    }

    async fn may_be_of(
        &self,
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        partner_id: PartnerId,
    ) -> Result<(), ReassignError> {
        let partner = Partner::find(conn, scope, partner_id).await?;
        let partner = partner.filter(|partner| partner.program_id == self.program_id);
        match partner.ok_or(ReassignError::PartnerNotFound)?.customer_id == Some(self.id) {
            true => Err(ReassignError::Itself),
            false => Ok(()),
        }
    }
}

/// A reassignment that may be written: the caller holds the customer's row.
struct Change<'a> {
    customer: &'a Customer,
    program: &'a Program,
    said: &'a Reassignment,
    reason: &'a str,
    /// All that it had, oldest first.
    history: &'a [Attribution],
}

impl Change<'_> {
    async fn write(&self, conn: &mut AsyncPgConnection, act: &Act) -> Result<(), ReassignError> {
        let active = self.history.iter().find(|one| one.status == AttributionStatus::Active);
        let (from, to) = (active.map(|active| active.partner_id), self.said.partner_id);
        if from == to {
            return Err(ReassignError::Unchanged);
        }
        let at = self.history.first().map_or(act.now, |first| first.at);
        if let Some(active) = active {
            let ended = to.map_or(AttributionStatus::Revoked, |_| AttributionStatus::Reassigned);
            diesel::update(attributions::table.find(active.id))
                .set(attributions::status.eq(ended))
                .execute(conn)
                .await?;
        }
        let counted_at = self.count(conn, act).await?;
        if let Some(partner_id) = to {
            self.insert(conn, partner_id, (at, counted_at), act).await?;
        }
        let before = Trail { partner_id: from, past_rewards: None, reason: None };
        let past_rewards = self.said.past_rewards;
        let after = Trail { partner_id: to, past_rewards: Some(past_rewards), reason: Some(self.reason) };
        let change = (Some(&before), Some(&after));
        let (account_id, customer_id) = (self.customer.account_id, self.customer.id);
        audit::record(conn, act, account_id, "customerReassign", customer_id, change).await?;
        let payload = ReassignedPayload {
            customer_id,
            from_partner_id: from,
            to_partner_id: to,
            attributed_at: at,
            past_rewards,
        };
        events::record(conn, act, &[self.customer.event(EventKind::CustomerReassigned, &payload)]).await?;
        Ok(())
    }

    /// Moves the sign-up in the partners' figures if past rewards move, and answers since when it counts for the new one. A
    /// customer who never had a partner counts for its first one from now on; one that was taken with its past from the last
    /// one, since it counted for that.
    async fn count(&self, conn: &mut AsyncPgConnection, act: &Act) -> QueryResult<Option<DateTime<Utc>>> {
        let mut deltas = self.program.deltas();
        let counted = self.history.iter().find_map(|one| Some((one, one.counted_at?)));
        let since = match counted {
            Some((before, at)) if self.said.past_rewards == PastRewards::Move => {
                diesel::update(attributions::table.find(before.id))
                    .set(attributions::counted_at.eq(None::<DateTime<Utc>>))
                    .execute(conn)
                    .await?;
                let taken = Added { signups: -1, ..Added::default() };
                deltas.of_partner(before.partner_id, at, self.program.currency, taken);
                Some(at)
            }
            None if self.history.is_empty() => self.customer.confirmed_at.map(|_| act.now),
            None if self.said.past_rewards == PastRewards::Move => {
                self.customer.confirmed_at.zip(self.history.first()).map(|(at, first)| at.max(first.at))
            }
            _ => None,
        };
        if let Some((partner_id, at)) = self.said.partner_id.zip(since) {
            deltas.of_partner(partner_id, at, self.program.currency, SIGNUP);
        }
        deltas.append(conn).await?;
        Ok(since)
    }

    async fn insert(
        &self,
        conn: &mut AsyncPgConnection,
        partner_id: PartnerId,
        (at, counted_at): (DateTime<Utc>, Option<DateTime<Utc>>),
        act: &Act,
    ) -> QueryResult<()> {
        let row = Attribution {
            id: act.ids.next(act.now),
            account_id: self.customer.account_id,
            program_id: self.customer.program_id,
            customer_id: self.customer.id,
            partner_id,
            link_id: None,
            source: AttributionSource::Manual,
            status: AttributionStatus::Active,
            at,
            counted_at,
            created_at: act.now,
        };
        diesel::insert_into(attributions::table).values(&row).execute(conn).await?;
        Ok(())
    }
}
