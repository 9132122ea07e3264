use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{FileId, PartnerId, PayoutId, RewardId};
use money::{Currency, Money};
use serde::Serialize;

use super::{
    Candidate, Candidates, LeftOut, Payout, PayoutStatus, Reach, Reservation, Taken, Wanted, judge, preview,
    reserve,
};
use crate::{
    act::Act,
    audit, events,
    files::File,
    idempotency::{self, Claim},
    partners::Partner,
    payout_policies::{Policies, Policy},
    programs::Program,
    rewards::RewardStatus,
    schema::{payouts, rewards},
    scope::AccountScope,
    text::{Checks, FieldProblem, TextProblem},
};

/// The most rewards that are chosen one by one.
const MOST_REWARDS: usize = 1_000;

/// A payout that is asked for on behalf of a partner.
#[derive(Debug, Clone, Serialize)]
pub struct NewRequest {
    /// Who is to be paid.
    pub partner_id: PartnerId,
    /// Of which currency; the program's if absent. Units are redeemed.
    pub currency: Option<Currency>,
    /// These rewards alone, and what is owed; all that is available if absent.
    pub rewards: Option<Vec<RewardId>>,
    /// The partner's invoice.
    pub invoice_id: Option<FileId>,
    /// The same key again answers with the payout of the first call.
    #[serde(skip)]
    pub idempotency_key: String,
}

/// Why nothing was requested.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// No such partner in reach.
    #[error("no such partner")]
    NotFound,
    /// No such file in reach.
    #[error("no such file")]
    InvoiceNotFound,
    /// Units are redeemed, not paid out.
    #[error("units are redeemed")]
    UnitsAreRedeemed,
    /// The policy allows no requests.
    #[error("requests are off")]
    RequestsOff,
    /// The partner is not paid now.
    #[error("not paid now: {0}")]
    LeftOut(LeftOut),
    /// Less is there than the least that is paid; the amount is what is there.
    #[error("less than the minimum")]
    BelowMinimum {
        /// What of it could be paid.
        available: Money,
        /// The least that is paid.
        minimum: Money,
    },
    /// Some of the rewards are not this partner's, or not available.
    #[error("rewards that are not available")]
    RewardsNotAvailable(Vec<RewardId>),
    /// The idempotency key was used with other words.
    #[error("the idempotency key was used with other input")]
    IdempotencyMismatch,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl NewRequest {
    fn checked(&self) -> Result<(), Vec<FieldProblem>> {
        let mut checks = Checks::default();
        checks.idempotency_key(Some(&self.idempotency_key));
        match self.rewards.as_ref().map(Vec::len) {
            Some(0) => checks.0.push(FieldProblem::of("rewardIds", TextProblem::Missing)),
            Some(many) if many > MOST_REWARDS => {
                checks.0.push(FieldProblem::of("rewardIds", TextProblem::TooLong { limit: MOST_REWARDS }));
            }
            _ => {}
        }
        checks.done(())
    }
}

impl Payout {
    /// Asks for a payout, and reserves its amount at once. By policy it is approved at once.
    ///
    /// # Errors
    /// [`RequestError`].
    pub async fn request(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        said: &NewRequest,
        act: &Act,
    ) -> Result<Self, RequestError> {
        said.checked().map_err(RequestError::Invalid)?;
        let fingerprint = idempotency::fingerprint(said);
        conn.transaction(async |conn| {
            let partner = Partner::find_locked(conn, scope, said.partner_id).await?;
            let partner = partner.ok_or(RequestError::NotFound)?;
            let id: PayoutId = act.ids.next(act.now);
            let (name, key, object) = ("payoutRequest", said.idempotency_key.as_str(), id.to_string());
            match idempotency::claim(conn, scope.account_id, (name, key), &fingerprint, &object, act.now)
                .await?
            {
                Claim::New => {}
                Claim::Mismatch => return Err(RequestError::IdempotencyMismatch),
                Claim::Replayed(object) => return replayed(conn, scope, &object).await,
            }
            let program =
                Program::find(conn, scope, partner.program_id).await?.ok_or(RequestError::NotFound)?;
            let policies = Policies::load(conn, program.account_id, &[program.id], &[partner.id]).await?;
            let policy = policies.of_partner(program.id, partner.group_id, partner.id);
            let payout = make(conn, scope, (id, said), (&program, &policy), act).await?;
            audit::record(conn, act, payout.account_id, "payoutRequest", payout.id, (None, Some(&payout)))
                .await?;
            payout.approved_by_policy(conn, &policy, act).await
        })
        .await
    }

    /// Records the request and, where the policy says so, approves it.
    async fn approved_by_policy(
        self,
        conn: &mut AsyncPgConnection,
        policy: &Policy,
        act: &Act,
    ) -> Result<Self, RequestError> {
        let requested = self.event();
        if !policy.auto_approve_requests {
            events::record(conn, act, &[requested]).await?;
            return Ok(self);
        }
        let approved: Self = diesel::update(payouts::table.filter(payouts::id.eq(self.id)))
            .set((
                payouts::status.eq(PayoutStatus::Approved),
                payouts::approved_by.eq("policy"),
                payouts::approved_at.eq(act.now),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await?;
        events::record(conn, act, &[requested, approved.event()]).await?;
        Ok(approved)
    }
}

async fn replayed(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    object: &str,
) -> Result<Payout, RequestError> {
    let id: PayoutId = object.parse().map_err(|_| RequestError::IdempotencyMismatch)?;
    Payout::find(conn, scope, id).await?.ok_or(RequestError::IdempotencyMismatch)
}

async fn make(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    (id, said): (PayoutId, &NewRequest),
    (program, policy): (&Program, &Policy),
    act: &Act,
) -> Result<Payout, RequestError> {
    let currency = said.currency.unwrap_or(program.currency);
    if currency.is_unit() {
        return Err(RequestError::UnitsAreRedeemed);
    }
    if !policy.partner_requests {
        return Err(RequestError::RequestsOff);
    }
    if let Some(id) = said.invoice_id
        && !File::is_given(conn, scope, id).await?
    {
        return Err(RequestError::InvoiceNotFound);
    }
    let minimum = policy.minimum_in(program.currency, currency);
    let candidate = candidate(conn, said.partner_id, program, currency).await?;
    let too_little = |available: i64| {
        let available = Money::new(available, currency);
        RequestError::BelowMinimum { available, minimum: Money::new(minimum.minor().max(1), currency) }
    };
    let candidate = candidate.ok_or_else(|| too_little(0))?;
    let wanted =
        Wanted { reach: Reach::ANYWHERE, has_invoice: said.invoice_id.is_some(), minimum, now: act.now };
    let method_id = judge(&candidate, policy, wanted).map_err(|why| match why {
        LeftOut::BelowMinimum => too_little(candidate.available),
        why => RequestError::LeftOut(why),
    })?;
    let taken = Taken {
        account_id: program.account_id,
        program_id: program.id,
        currency,
        cutoff_at: act.now,
        rewards: said.rewards.as_deref(),
        status: PayoutStatus::Requested,
        batch_id: None,
    };
    let partner_id = said.partner_id;
    let reservation = Reservation {
        id,
        partner_id,
        method_id,
        minimum: minimum.minor(),
        maximum: None,
        fee_payer: policy.fee_payer,
        retry_of: None,
        invoice_id: said.invoice_id,
    };
    let chosen = said.rewards.as_deref().unwrap_or_default();
    let Some(payout) = reserve(conn, std::slice::from_ref(&reservation), &taken, act).await?.pop() else {
        let missing = not_available(conn, &taken, partner_id, chosen).await?;
        if !missing.is_empty() {
            return Err(RequestError::RewardsNotAvailable(missing));
        }
        let there = preview(conn, &[Reservation { minimum: 0, ..reservation }], &taken).await?.pop();
        return Err(too_little(there.map_or(0, |there| there.amount)));
    };
    let missing = payout.not_among_items(conn, chosen).await?;
    if missing.is_empty() { Ok(payout) } else { Err(RequestError::RewardsNotAvailable(missing)) }
}

/// Which of the chosen rewards are not this partner's, or not available in that currency.
async fn not_available(
    conn: &mut AsyncPgConnection,
    of: &Taken<'_>,
    partner_id: PartnerId,
    chosen: &[RewardId],
) -> QueryResult<Vec<RewardId>> {
    let available: Vec<RewardId> = rewards::table
        .filter(rewards::account_id.eq(of.account_id))
        .filter(rewards::id.eq_any(chosen))
        .filter(rewards::partner_id.eq(partner_id))
        .filter(rewards::currency.eq(of.currency))
        .filter(rewards::status.eq(RewardStatus::Available))
        .select(rewards::id)
        .load(conn)
        .await?;
    Ok(chosen.iter().copied().filter(|id| !available.contains(id)).collect())
}

async fn candidate(
    conn: &mut AsyncPgConnection,
    partner_id: PartnerId,
    program: &Program,
    currency: Currency,
) -> QueryResult<Option<Candidate>> {
    let partners = Some(&[partner_id][..]);
    let candidates =
        Candidates { account_id: program.account_id, program_id: program.id, currency, partners };
    Ok(candidates.load(conn, None, 1).await?.pop())
}
