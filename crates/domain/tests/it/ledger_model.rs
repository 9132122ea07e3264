//! A partner's ledger against the simplest model of it: a list of rewards.

use chrono::{DateTime, Utc};
use domain::{
    attribution::Touch,
    customers::CustomerUpsert,
    rewards::{ReversalCause, Review, ReviewError, Reward, RewardStatus},
    terms::{DraftTerms, SelfReferral},
};
use ids::RewardId;
use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{Config, TestRunner},
};

use crate::{
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
    /// A payout takes one of the rewards so far, or has paid it.
    Pay(Index, RewardStatus),
    /// A person decides about one of the rewards so far.
    Decide(Index, bool),
}

struct Modelled {
    id: RewardId,
    amount: i64,
    net: i64,
    due: DateTime<Utc>,
    under_review: bool,
    released: bool,
    rejected: bool,
    /// What a payout says of it.
    payout: Option<RewardStatus>,
}

#[derive(Default)]
struct Model(Vec<Modelled>);

impl Modelled {
    fn status(&self) -> RewardStatus {
        match self.payout {
            _ if self.rejected => RewardStatus::Rejected,
            Some(payout) => payout,
            None if self.net == 0 => RewardStatus::Reversed,
            None if self.released => RewardStatus::Available,
            None if self.under_review => RewardStatus::PendingReview,
            None => RewardStatus::Held,
        }
    }

    fn change(&mut self, eighths: i64) {
        if !self.rejected {
            self.net = self.amount * eighths / 8;
        }
    }

    fn reject(&mut self) {
        (self.rejected, self.net) = (true, 0);
    }
}

impl Model {
    fn pick(&mut self, index: &Index) -> &mut Modelled {
        let place = index.index(self.0.len());
        &mut self.0[place]
    }

    fn balance(&self) -> String {
        if self.0.is_empty() {
            return "none".to_owned();
        }
        let sum = |released| -> i64 {
            self.0.iter().filter(|one| one.released == released).map(|one| one.net).sum()
        };
        format!("{} {} 0 0", sum(false), sum(true))
    }

    fn rewards(&self) -> Vec<(RewardId, i64, RewardStatus)> {
        self.0.iter().map(|one| (one.id, one.net, one.status())).collect()
    }
}

fn any_step() -> impl Strategy<Value = Step> {
    let payout = prop_oneof![Just(RewardStatus::Reserved), Just(RewardStatus::Paid)];
    prop_oneof![
        4 => (1_i64..1_000_000, prop::bool::weighted(0.3))
            .prop_map(|(cents, themselves)| Step::Earn { cents, themselves }),
        3 => (0_i64..8).prop_map(Step::Pass),
        4 => prop::collection::vec((any::<Index>(), 0_i64..=8), 1..4).prop_map(Step::Change),
        1 => (any::<Index>(), payout).prop_map(|(index, status)| Step::Pay(index, status)),
        2 => (any::<Index>(), any::<bool>()).prop_map(|(index, approve)| Step::Decide(index, approve)),
    ]
}

async fn take(shop: &mut Shop, model: &mut Model, name: &str, step: &Step) {
    match step {
        Step::Earn { cents, themselves } => {
            let customer = if *themselves { format!("{name}-own") } else { name.to_owned() };
            let sold = shop.record(&sale(&format!("{name}-{}", model.0.len()), &customer, *cents)).await;
            shop.settle().await;
            let reward = shop.reward_of(&sold).await;
            model.0.push(Modelled {
                id: reward.id,
                amount: *cents,
                net: *cents,
                due: reward.hold_until,
                under_review: *themselves,
                released: false,
                rejected: false,
                payout: None,
            });
        }
        Step::Pass(time) => {
            shop.world.pass(days(*time));
            while shop.release().await > 0 {}
            let now = shop.world.now;
            let due = model.0.iter_mut().filter(|one| one.due <= now && !one.under_review && !one.rejected);
            due.for_each(|one| one.released = true);
        }
        _ if model.0.is_empty() => {}
        Step::Change(changes) => {
            let mut wanted = Vec::new();
            for (index, eighths) in changes {
                let one = model.pick(index);
                one.change(*eighths);
                wanted.push((one.id, one.amount * eighths / 8));
            }
            change_in(shop, &wanted, ReversalCause::Refund).await.unwrap();
        }
        Step::Pay(index, status) => {
            let one = model.pick(index);
            if one.status() == RewardStatus::Available {
                one.payout = Some(*status);
                let id = ids::TypedId::uuid(one.id);
                shop.world
                    .execute(&format!("UPDATE rewards SET status = '{status}' WHERE id = '{id}'"))
                    .await;
            }
        }
        Step::Decide(index, approve) => {
            let one = model.pick(index);
            decide(shop, one, *approve).await;
        }
    }
}

async fn decide(shop: &Shop, one: &mut Modelled, approve: bool) {
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let review = if approve { Review::Approve } else { Review::Reject { reason: "no".to_owned() } };
    let done = Reward::review(conn, &shop.scope, one.id, &review, &act).await;
    let allowed = match one.status() {
        RewardStatus::PendingReview => true,
        RewardStatus::Held => !approve,
        _ => false,
    };
    match done {
        Ok(_) if allowed && approve => one.under_review = false,
        Ok(_) if allowed => one.reject(),
        Err(ReviewError::WrongState { current }) if !allowed => assert_eq!(current, one.status()),
        done => panic!("{:?}: {done:?}", one.status()),
    }
}

/// The rewards of the partner, oldest first.
async fn rewards(shop: &Shop, model: &Model) -> Vec<(RewardId, i64, RewardStatus)> {
    let ids: Vec<_> = model.0.iter().map(|one| one.id).collect();
    let conn = &mut *shop.world.conn().await;
    let mut rows = Reward::find_all(conn, &shop.scope, &ids).await.unwrap();
    rows.sort_by_key(|reward| reward.id);
    rows.into_iter().map(|reward| (reward.id, reward.net, reward.status)).collect()
}

/// M4 and M5, whatever happens in whatever order: what the ledger holds is what is left of the rewards.
#[test]
fn a_ledger_is_the_sum_of_what_is_left_of_its_rewards() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let draft = DraftTerms { hold_days: 7, self_referral: SelfReferral::Review, ..percent("100") };
    let shop = std::cell::RefCell::new(runtime.block_on(Shop::open_with(&draft)));
    let number = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(Config { cases: 32, max_shrink_iters: 40, ..Config::default() });
    let histories = proptest::collection::vec(any_step(), 1..20);
    let held = runner.run(&histories, |steps| {
        let shop = &mut *shop.borrow_mut();
        number.set(number.get() + 1);
        runtime.block_on(async {
            let name = format!("p{}", number.get());
            let partner = shop.partner(&name).await;
            shop.customer_of(&name, &partner).await;
            let own = CustomerUpsert {
                email: Some(format!("{name}@example.com")),
                touch: Some(Touch::Partner(partner.id)),
                ..customer(shop.program.id, &format!("{name}-own"))
            };
            shop.upsert(&own).await.unwrap();
            let mut model = Model::default();
            for step in &steps {
                take(shop, &mut model, &name, step).await;
                prop_assert_eq!(shop.balance(partner.id).await, model.balance());
                prop_assert_eq!(rewards(shop, &model).await, model.rewards());
            }
            prop_assert_eq!(shop.violations().await, Vec::<String>::new());
            Ok(())
        })
    });
    held.unwrap();
}
