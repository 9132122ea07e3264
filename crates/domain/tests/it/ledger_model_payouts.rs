//! The payouts of the ledger's model: which items one takes, and what gives them back.

use chrono::{DateTime, Utc};
use domain::{
    act::Actor,
    payout_batches::{NewBatch, Rail},
    payouts::{Decision, NewRequest, PayoutStatus},
    rewards::RewardStatus,
};
use ids::{PartnerId, PayoutId, RewardId};
use proptest::{prelude::*, sample::Index};

use crate::{
    ledger_model::Model,
    paying::{batch, failed, paid, request},
    shop::Shop,
};

#[derive(Debug, Clone)]
pub enum PayoutStep {
    /// Somebody asks for all that is available, or for some of the rewards.
    Request(Option<Vec<Index>>),
    /// A person decides about one of the payouts so far: approve, reject, ask for changes, cancel.
    Decide(Index, usize),
    /// A batch takes all that can be paid; it is executed, or cancelled.
    Batch { executed: bool },
    /// It is told how one of the payouts ended.
    End(Index, bool),
}

pub struct ModelledPayout {
    id: PayoutId,
    pub amount: i64,
    pub status: PayoutStatus,
}

/// What changed of a reward after its release, and the live payout that has it.
struct Change {
    amount: i64,
    payout: Option<PayoutId>,
}

pub struct Modelled {
    pub id: RewardId,
    pub amount: i64,
    pub net: i64,
    pub due: DateTime<Utc>,
    pub under_review: bool,
    /// What was left of it at its release.
    pub released: Option<i64>,
    pub rejected: bool,
    changes: Vec<Change>,
    /// The live payout that has it.
    payout: Option<PayoutId>,
}

impl Modelled {
    pub fn new(id: RewardId, cents: i64, due: DateTime<Utc>, under_review: bool) -> Self {
        let (amount, net, changes) = (cents, cents, Vec::new());
        Self { id, amount, net, due, under_review, released: None, rejected: false, changes, payout: None }
    }

    pub fn change(&mut self, net: i64) {
        if self.rejected || net == self.net {
            return;
        }
        if self.released.is_some() {
            self.changes.push(Change { amount: net - self.net, payout: None });
        }
        self.net = net;
    }

    pub fn status(&self, payouts: &[ModelledPayout]) -> RewardStatus {
        let payout = self.payout.and_then(|id| payouts.iter().find(|payout| payout.id == id));
        match payout.map(|payout| payout.status) {
            _ if self.rejected => RewardStatus::Rejected,
            Some(PayoutStatus::Paid) => RewardStatus::Paid,
            Some(_) => RewardStatus::Reserved,
            None if self.net == 0 => RewardStatus::Reversed,
            None if self.released.is_some() => RewardStatus::Available,
            None if self.under_review => RewardStatus::PendingReview,
            None => RewardStatus::Held,
        }
    }

    /// What of it no payout has.
    pub fn open(&self) -> i64 {
        let changed: i64 = self.changes.iter().filter(|one| one.payout.is_none()).map(|one| one.amount).sum();
        changed + if self.payout.is_none() { self.released.unwrap_or(0) } else { 0 }
    }

    /// Whether a payout of everything takes it, or what is owed of it.
    fn is_taken(&self, payouts: &[ModelledPayout], chosen: Option<&[RewardId]>) -> bool {
        match self.status(payouts) {
            RewardStatus::Reserved | RewardStatus::Paid => true,
            RewardStatus::Available => chosen.is_none_or(|chosen| chosen.contains(&self.id)),
            RewardStatus::Reversed => {
                self.released.is_some()
                    && self.changes.iter().any(|one| one.payout.is_some())
                    && chosen.is_none_or(|chosen| chosen.contains(&self.id))
            }
            _ => false,
        }
    }

    fn take(&mut self, by: PayoutId) {
        self.payout = self.payout.or(Some(by));
        self.changes.iter_mut().for_each(|one| one.payout = one.payout.or(Some(by)));
    }

    fn give_back(&mut self, by: PayoutId) {
        let open = |payout: Option<PayoutId>| payout.filter(|payout| *payout != by);
        self.payout = open(self.payout);
        self.changes.iter_mut().for_each(|one| one.payout = open(one.payout));
    }
}

pub fn any_payout_step() -> impl Strategy<Value = PayoutStep> {
    let chosen = prop::option::weighted(0.5, prop::collection::vec(any::<Index>(), 1..3));
    prop_oneof![
        4 => chosen.prop_map(PayoutStep::Request),
        4 => (any::<Index>(), 0_usize..5).prop_map(|(index, how)| PayoutStep::Decide(index, how)),
        2 => any::<bool>().prop_map(|executed| PayoutStep::Batch { executed }),
        4 => (any::<Index>(), any::<bool>()).prop_map(|(index, is_paid)| PayoutStep::End(index, is_paid)),
    ]
}

impl Model {
    /// What a payout of these rewards, or of all, would come to.
    fn open(&self, chosen: Option<&[RewardId]>) -> i64 {
        let taken = self.rewards.iter().filter(|one| one.is_taken(&self.payouts, chosen));
        taken.map(Modelled::open).sum()
    }

    fn make(&mut self, id: PayoutId, chosen: Option<&[RewardId]>, status: PayoutStatus) {
        let amount = self.open(chosen);
        let payouts = &self.payouts;
        let taken = self.rewards.iter_mut().filter(|one| one.is_taken(payouts, chosen));
        taken.for_each(|one| one.take(id));
        self.payouts.push(ModelledPayout { id, amount, status });
    }

    fn end(&mut self, place: usize, status: PayoutStatus) {
        let payout = &mut self.payouts[place];
        payout.status = status;
        let id = payout.id;
        if !status.is_live() {
            self.rewards.iter_mut().for_each(|one| one.give_back(id));
        }
    }

    /// Whether all of them can be chosen.
    fn can_choose(&self, chosen: &[RewardId]) -> bool {
        let free = |one: &Modelled| {
            !matches!(one.status(&self.payouts), RewardStatus::Reserved | RewardStatus::Paid)
                && one.is_taken(&self.payouts, Some(chosen))
        };
        chosen.iter().all(|id| self.rewards.iter().any(|one| one.id == *id && free(one)))
    }
}

pub async fn take(shop: &mut Shop, model: &mut Model, partner: PartnerId, step: &PayoutStep) {
    match step {
        PayoutStep::Request(indexes) => ask(shop, model, partner, indexes.as_deref()).await,
        PayoutStep::Batch { executed } => run(shop, model, partner, *executed).await,
        _ if model.payouts.is_empty() => {}
        PayoutStep::Decide(index, how) => decide(shop, model, index.index(model.payouts.len()), *how).await,
        PayoutStep::End(index, is_paid) => {
            let place = index.index(model.payouts.len());
            let payout = &model.payouts[place];
            let verdict = if *is_paid { paid() } else { failed() };
            let status = match (payout.status, is_paid) {
                (PayoutStatus::Sending, true) => PayoutStatus::Paid,
                (PayoutStatus::Sending, false) => PayoutStatus::Failed,
                (PayoutStatus::Paid, false) => PayoutStatus::Returned,
                (status, _) => status,
            };
            assert_eq!(shop.ended(payout.id, verdict).await.status, status);
            model.end(place, status);
        }
    }
}

async fn ask(shop: &Shop, model: &mut Model, partner: PartnerId, indexes: Option<&[Index]>) {
    let pick = |index: &Index| model.rewards[index.index(model.rewards.len())].id;
    let chosen: Option<Vec<RewardId>> = indexes.map(|indexes| indexes.iter().map(pick).collect());
    // Less than nothing may be available although what was chosen comes to something.
    let available: i64 = model.rewards.iter().map(Modelled::open).sum();
    let can = chosen.as_deref().is_none_or(|chosen| model.can_choose(chosen));
    let expected = can && available > 0 && model.open(chosen.as_deref()) > 0;
    let key = shop.world.ids.next::<PayoutId>(shop.world.now).to_string();
    let said = NewRequest { rewards: chosen.clone(), ..request(partner, &key) };
    match shop.try_request(&said).await {
        Ok(payout) if expected => {
            assert_eq!(payout.amount, model.open(chosen.as_deref()));
            model.make(payout.id, chosen.as_deref(), PayoutStatus::Requested);
        }
        Err(_) if !expected => {}
        done => panic!("{chosen:?}: {done:?}"),
    }
}

async fn decide(shop: &Shop, model: &mut Model, place: usize, how: usize) {
    use PayoutStatus::{Approved, Cancelled, NeedsChanges, Rejected, Requested};
    let reason = || "why".to_owned();
    let (decision, from, to): (_, &[PayoutStatus], _) = match how {
        0 => (Decision::Approve, &[Requested], Approved),
        1 => (Decision::Reject { reason: reason() }, &[Requested, NeedsChanges], Rejected),
        2 => (Decision::RequestChanges { reason: reason() }, &[Requested], NeedsChanges),
        3 => (Decision::Withdraw, &[Requested, NeedsChanges], Cancelled),
        _ => (Decision::Cancel, &[Requested, NeedsChanges, Approved], Cancelled),
    };
    if from.contains(&model.payouts[place].status) {
        assert_eq!(shop.decide(model.payouts[place].id, &decision).await.status, to);
        model.end(place, to);
    }
}

async fn run(shop: &Shop, model: &mut Model, partner: PartnerId, executed: bool) {
    let available: i64 = model.rewards.iter().map(Modelled::open).sum();
    let new = NewBatch { partners: Some(vec![partner]), ..batch(shop, Rail::Manual) };
    let draft = shop.begun(&new, Actor::System).await;
    let frozen = shop.freeze(draft.id).await;
    for place in 0..model.payouts.len() {
        if model.payouts[place].status == PayoutStatus::Approved {
            model.end(place, PayoutStatus::Batched);
        }
    }
    let made = shop.payouts(frozen.id).await.into_iter().find(|one| one.by_batch);
    assert_eq!(made.is_some(), available > 0 && model.open(None) > 0);
    if let Some(made) = made {
        assert_eq!(made.amount, model.open(None));
        model.make(made.id, None, PayoutStatus::Batched);
    }
    if frozen.payouts == 0 {
        return;
    }
    let status = if executed { PayoutStatus::Sending } else { PayoutStatus::Cancelled };
    if executed {
        shop.executed(frozen.id).await
    } else {
        shop.cancelled(frozen.id).await
    };
    for place in 0..model.payouts.len() {
        if model.payouts[place].status == PayoutStatus::Batched {
            model.end(place, status);
        }
    }
}
