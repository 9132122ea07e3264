use std::collections::HashMap;

use diesel_async::AsyncPgConnection;
use ids::{RewardId, TransactionId};

use super::{
    Uncomputable,
    facts::{Fact, What},
    load::{Loaded, People},
    outcome::{Noting, Outcome},
    store,
};
use crate::{
    act::Act,
    adjustments::AdjustmentKind,
    attribution::{PastRewards, ReassignedPayload},
    customers::CreatedPayload,
    partners::{PartnerPayload, PartnerStatus},
    programs::Program,
    rewards::{
        AmountOutOfRange, Book, CustomerState, Effect, PartnerState, Reach, ReversalCause, Reward, SignUp,
    },
};

/// A run after its evaluation: what it did, and what it did it with.
pub(super) struct Batch<'a> {
    pub(super) outcome: Outcome,
    program: Program,
    book: Book<'a>,
    rewards: HashMap<RewardId, Reward>,
}

/// Goes through the facts that were loaded, in their order, from `behind` up to the first that cannot be computed, or that takes
/// more than one run.
pub(super) fn evaluate<'a>(mut loaded: Loaded<'a>, facts: &[Fact], (behind, act): (i64, &Act)) -> Batch<'a> {
    let mut outcome = Outcome { is_cut: loaded.taken < facts.len(), ..Outcome::default() };
    outcome.deltas = Some(loaded.program.deltas());
    for fact in facts.iter().take(loaded.taken) {
        let nets = outcome.nets.len();
        let mut made_any = false;
        let noted = take(&mut loaded, fact, &mut outcome).and_then(|effects| {
            made_any = !effects.is_empty();
            let noting = Noting {
                program: &loaded.program,
                terms_ids: &loaded.terms_ids,
                position: fact.position,
                quiet: fact.quiet,
                act,
            };
            outcome.note(effects, &noting)
        });
        if let Err(why) = noted {
            outcome.stopped = Some(Uncomputable { position: fact.position, why });
            break;
        }
        // The next run goes on with it; but without an effect that would have no end.
        if loaded.is_more && outcome.facts + 1 == loaded.taken && made_any {
            outcome.last = outcome.last.or(Some(behind));
            outcome.is_cut = true;
            break;
        }
        outcome.last = Some(fact.position);
        outcome.facts += 1;
        // Its step may be reached again by the next fact: what is undone is written before that.
        if outcome.nets.iter().skip(nets).any(|net| net.cause == ReversalCause::Milestone) {
            outcome.is_cut |= outcome.facts < facts.len();
            break;
        }
    }
    outcome.customers.extend(loaded.book.changed_customers());
    join(&loaded, &mut outcome);
    let Loaded { program, book, rewards, .. } = loaded;
    Batch { outcome, program, book, rewards }
}

/// Hands a fact to the book.
pub(super) fn take(
    loaded: &mut Loaded<'_>,
    fact: &Fact,
    outcome: &mut Outcome,
) -> Result<Vec<Effect>, String> {
    let out_of_range = |error: AmountOutOfRange| error.to_string();
    match &fact.what {
        What::Partner(partner) => {
            loaded.book.partner_is(partner.partner_id, state_of(partner, &loaded.people));
            outcome.partners.insert(partner.partner_id, partner.clone());
            Ok(Vec::new())
        }
        What::Created(created) => {
            outcome.customers.insert(created.customer_id);
            created_as(loaded, created).map_err(out_of_range)
        }
        What::Updated(updated) => {
            outcome.customers.insert(updated.customer_id);
            loaded.book.customer_is(updated.customer_id, updated.country.clone(), updated.tags.clone());
            Ok(Vec::new())
        }
        What::Attributed(attributed) => {
            outcome.customers.insert(attributed.customer_id);
            let (id, partner, at) = (attributed.customer_id, attributed.partner_id, attributed.attributed_at);
            loaded.book.attributed(id, partner, at).map_err(out_of_range)
        }
        What::Confirmed(confirmed) => {
            outcome.customers.insert(confirmed.customer_id);
            loaded.book.confirmed(confirmed.customer_id, confirmed.confirmed_at).map_err(out_of_range)
        }
        What::Reassigned(made) => {
            outcome.customers.insert(made.customer_id);
            reassigned(loaded, made).map_err(out_of_range)
        }
        What::Sale(id) => sold(loaded, *id, outcome),
        What::Adjusted(id) => {
            let reading = loaded.readings.get(id).ok_or_else(|| format!("there is no adjustment {id}"))?;
            outcome.taken.push((*id, fact.position));
            match reading.clone() {
                Ok(adjustment) => loaded.book.adjusted(adjustment).map_err(out_of_range),
                Err(_) => Ok(Vec::new()),
            }
        }
        What::Rate(from) => {
            let mut effects = Vec::new();
            for id in loaded.book.unrated_of(*from) {
                if let Some(rate) = loaded.ratings.get(&id).filter(|rate| loaded.book.is_news(id, rate)) {
                    effects.extend(loaded.book.rated(id, *rate).map_err(out_of_range)?);
                }
            }
            Ok(effects)
        }
    }
}

fn created_as(loaded: &mut Loaded<'_>, created: &CreatedPayload) -> Result<Vec<Effect>, AmountOutOfRange> {
    let (id, at) = (created.customer_id, created.signed_up_at);
    let email = loaded.people.customer_emails.get(&id).cloned();
    let (country, tags, partner) = (created.country.clone(), created.tags.clone(), created.partner_id);
    if created.confirmed {
        return loaded.book.signed_up(SignUp { id, at, email, country, tags, partner });
    }
    let waits = CustomerState { email, country, tags, awaits_confirmation: true, ..CustomerState::since(at) };
    loaded.book.knows_customer(id, waits);
    Ok(Vec::new())
}

/// What is past stays, unless it is moved: also what the runs of this batch have made of it. A customer who never had a
/// partner signs up for this one, and nothing moves: all that was, was before the attribution.
fn reassigned(loaded: &mut Loaded<'_>, made: &ReassignedPayload) -> Result<Vec<Effect>, AmountOutOfRange> {
    let (id, at) = (made.customer_id, made.attributed_at);
    let is_first = loaded.book.customer(id).is_none_or(|customer| !customer.had_partner);
    if let Some(partner) = made.to_partner_id.filter(|_| is_first) {
        return loaded.book.attributed(id, partner, at);
    }
    let mut past = match made.past_rewards {
        PastRewards::Keep => Vec::new(),
        PastRewards::Move => loaded.book.past_of(id),
    };
    for one in &mut past {
        let rate = one.source.sale().and_then(|sale| loaded.ratings.get(&sale));
        one.rated(rate.copied());
    }
    loaded.book.reassigned(id, (made.to_partner_id, at), past)
}

fn sold(loaded: &mut Loaded<'_>, id: TransactionId, outcome: &mut Outcome) -> Result<Vec<Effect>, String> {
    let sale = loaded.sales.get(&id).ok_or_else(|| format!("there is no sale {id}"))?;
    let (row, sale) = (sale.row.clone(), sale.sale.clone()?);
    let has_paid = loaded.book.customer(row.customer_id).is_some_and(|customer| customer.has_paid);
    let partner = loaded.book.customer(row.customer_id).and_then(|customer| customer.attribution);
    let effects = loaded.book.sold(sale).map_err(|error| error.to_string())?;
    outcome.customers.insert(row.customer_id);
    outcome.count_sale(&row, partner.map(|(partner, _)| partner), row.counts() && !has_paid);
    Ok(effects)
}

fn state_of(partner: &PartnerPayload, people: &People) -> PartnerState {
    PartnerState {
        is_approved: partner.status == PartnerStatus::Approved,
        is_suspended: partner.status == PartnerStatus::Suspended,
        email: people.partner_emails.get(&partner.partner_id).cloned(),
        group: partner.group.map(|group| group.to_string()),
        tags: partner.tags.clone(),
        upline: partner.upline,
    }
}

/// Notes which adjustments have found their sale, and which cannot be counted.
fn join(loaded: &Loaded<'_>, outcome: &mut Outcome) {
    let is_taken = |id| outcome.taken.iter().any(|(taken, _)| *taken == id);
    for (id, row) in &loaded.adjustments {
        let is_of_this_run = loaded.waiting.contains(id) || is_taken(*id);
        let sale = match (row.kind, &row.chargeback_key) {
            (AdjustmentKind::ChargebackWon, Some(key)) => loaded.book.sale_of_chargeback(key),
            _ => row.transaction_key.as_deref().and_then(|key| loaded.book.sale_of(key)),
        };
        let Some(sale) = sale.filter(|_| is_of_this_run) else { continue };
        match loaded.readings.get(id) {
            Some(Err(refused)) => outcome.refused.push((*id, *refused)),
            _ => outcome.joined.push((*id, sale)),
        }
    }
    // A dispute that was won before its chargeback came is of the sale of the chargeback.
    for (key, id) in &loaded.disputes {
        outcome.joined.extend(loaded.book.sale_of_chargeback(key).map(|sale| (*id, sale)));
    }
}

impl Batch<'_> {
    /// Writes everything but the cursor.
    pub(super) async fn store(&mut self, conn: &mut AsyncPgConnection, act: &Act) -> diesel::QueryResult<()> {
        let written = store::Written { program: &self.program, book: &self.book };
        written.store(conn, &mut self.outcome, &mut self.rewards, act).await
    }

    /// The counters that were asked for and not loaded.
    pub(super) fn beyond(&self) -> Reach {
        self.book.counted().beyond()
    }

    /// What all rewards in the program's currency come to now.
    pub(super) fn budget_spent(&self) -> i64 {
        self.book.counted().budget_spent
    }
}
