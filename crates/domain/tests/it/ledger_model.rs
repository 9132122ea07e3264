//! A partner's ledger against the simplest model of it: a list of rewards and a list of payouts.

use chrono::{DateTime, Utc};
use domain::{
    attribution::Touch,
    customers::CustomerUpsert,
    payouts::PayoutStatus,
    rewards::{ReversalCause, Review, ReviewError, Reward, RewardStatus},
    terms::{DraftTerms, SelfReferral},
};
use ids::{PartnerId, RewardId};
use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{Config, TestRunner},
};

use crate::{
    ledger_model_payouts::{self as model_payouts, Modelled, ModelledPayout, PayoutStep, any_payout_step},
    paying::by_hand,
    reverse::change_in,
    shop::{Shop, customer, days, percent, sale},
};

#[derive(Debug, Clone)]
enum Step {
    /// A sale of so many cents, which earns all of it; by the partner themselves, it waits for a review.
    Earn { cents: i64, themselves: bool },
    /// Days go by, and what is due is released.
    Pass(i64),
    /// What is left of some rewards becomes so many parts of eight of their amounts, one after the other.
    Change(Vec<(Index, i64)>),
    /// A person decides about one of the rewards so far.
    Decide(Index, bool),
    /// Something happens to payouts.
    Pay(PayoutStep),
}

#[derive(Default)]
pub struct Model {
    pub rewards: Vec<Modelled>,
    pub payouts: Vec<ModelledPayout>,
}

impl Model {
    fn pick(&mut self, index: &Index) -> usize {
        index.index(self.rewards.len())
    }

    fn balance(&self) -> String {
        if self.rewards.is_empty() {
            return "none".to_owned();
        }
        let held: i64 = self.rewards.iter().filter(|one| one.released.is_none()).map(|one| one.net).sum();
        let available: i64 = self.rewards.iter().map(Modelled::open).sum();
        let of = |is: fn(PayoutStatus) -> bool| -> i64 {
            self.payouts.iter().filter(|one| is(one.status)).map(|one| one.amount).sum()
        };
        let reserved = of(|status| status.is_live() && status != PayoutStatus::Paid);
        format!("{held} {available} {reserved} {}", of(|status| status == PayoutStatus::Paid))
    }

    fn statuses(&self) -> Vec<(RewardId, i64, RewardStatus)> {
        self.rewards.iter().map(|one| (one.id, one.net, one.status(&self.payouts))).collect()
    }
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1_i64..1_000_000, prop::bool::weighted(0.2))
            .prop_map(|(cents, themselves)| Step::Earn { cents, themselves }),
        3 => (0_i64..8).prop_map(Step::Pass),
        4 => prop::collection::vec((any::<Index>(), 0_i64..=8), 1..4).prop_map(Step::Change),
        1 => (any::<Index>(), any::<bool>()).prop_map(|(index, approve)| Step::Decide(index, approve)),
        6 => any_payout_step().prop_map(Step::Pay),
    ]
}

async fn take(shop: &mut Shop, model: &mut Model, (name, partner): (&str, PartnerId), step: &Step) {
    match step {
        Step::Earn { cents, themselves } => {
            let customer = if *themselves { format!("{name}-own") } else { name.to_owned() };
            let key = format!("{name}-{}", model.rewards.len());
            let sold = shop.record(&sale(&key, &customer, *cents)).await;
            shop.settle().await;
            let reward = shop.reward_of(&sold).await;
            model.rewards.push(Modelled::new(reward.id, *cents, reward.hold_until, *themselves));
        }
        Step::Pass(time) => {
            shop.world.pass(days(*time));
            while shop.release().await > 0 {}
            release(model, shop.world.now);
        }
        _ if model.rewards.is_empty() => {}
        Step::Change(changes) => {
            let mut wanted = Vec::new();
            for (index, eighths) in changes {
                let place = model.pick(index);
                let one = &mut model.rewards[place];
                wanted.push((one.id, one.amount * eighths / 8));
                one.change(one.amount * eighths / 8);
            }
            change_in(shop, &wanted, ReversalCause::Refund).await.unwrap();
        }
        Step::Decide(index, approve) => {
            let place = model.pick(index);
            let status = model.rewards[place].status(&model.payouts);
            decide(shop, &mut model.rewards[place], status, *approve).await;
        }
        Step::Pay(step) => model_payouts::take(shop, model, partner, step).await,
    }
}

fn release(model: &mut Model, now: DateTime<Utc>) {
    let due =
        |one: &&mut Modelled| one.due <= now && !one.under_review && !one.rejected && one.released.is_none();
    model.rewards.iter_mut().filter(due).for_each(|one| one.released = Some(one.net));
}

async fn decide(shop: &Shop, one: &mut Modelled, status: RewardStatus, approve: bool) {
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let review = if approve { Review::Approve } else { Review::Reject { reason: "no".to_owned() } };
    let done = Reward::review(conn, &shop.scope, one.id, &review, &act).await;
    let allowed = match status {
        RewardStatus::PendingReview => true,
        RewardStatus::Held => !approve,
        _ => false,
    };
    match done {
        Ok(_) if allowed && approve => one.under_review = false,
        Ok(_) if allowed => (one.rejected, one.net) = (true, 0),
        Err(ReviewError::WrongState { current }) if !allowed => assert_eq!(current, status),
        done => panic!("{status:?}: {done:?}"),
    }
}

/// The rewards of the partner, oldest first.
async fn rewards(shop: &Shop, model: &Model) -> Vec<(RewardId, i64, RewardStatus)> {
    let ids: Vec<_> = model.rewards.iter().map(|one| one.id).collect();
    let conn = &mut *shop.world.conn().await;
    let mut rows = Reward::find_all(conn, &shop.scope, &ids).await.unwrap();
    rows.sort_by_key(|reward| reward.id);
    rows.into_iter().map(|reward| (reward.id, reward.net, reward.status)).collect()
}

/// M4, M5 and M7, whatever happens in whatever order: what the ledger holds is what is left of the rewards, and payouts take
/// each of them once.
#[test]
fn a_ledger_is_the_sum_of_what_is_left_of_its_rewards() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let draft = DraftTerms { hold_days: 7, self_referral: SelfReferral::Review, ..percent("100") };
    let shop = std::cell::RefCell::new(runtime.block_on(Shop::open_with(&draft)));
    let number = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(Config { cases: 32, max_shrink_iters: 40, ..Config::default() });
    let histories = proptest::collection::vec(any_step(), 1..30);
    let held = runner.run(&histories, |steps| {
        let shop = &mut *shop.borrow_mut();
        number.set(number.get() + 1);
        runtime.block_on(async {
            let name = format!("p{}", number.get());
            let partner = shop.partner(&name).await;
            shop.customer_of(&name, &partner).await;
            shop.method(partner.id, by_hand()).await;
            let own = CustomerUpsert {
                email: Some(format!("{name}@example.com")),
                touch: Some(Touch::Partner(partner.id)),
                ..customer(shop.program.id, &format!("{name}-own"))
            };
            shop.upsert(&own).await.unwrap();
            let mut model = Model::default();
            for step in &steps {
                take(shop, &mut model, (&name, partner.id), step).await;
                prop_assert_eq!(shop.balance(partner.id).await, model.balance());
                prop_assert_eq!(rewards(shop, &model).await, model.statuses());
            }
            prop_assert_eq!(shop.violations().await, Vec::<String>::new());
            Ok(())
        })
    });
    held.unwrap();
}
