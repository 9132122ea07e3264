//! A partner's ledger against the simplest model of it: a list of rewards.

use domain::{
    rewards::{Review, ReviewError, Reward},
    terms::DraftTerms,
};
use ids::RewardId;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use crate::shop::{Shop, days, percent, sale};

#[derive(Debug, Clone)]
enum Step {
    /// A sale of so many cents, which earns all of it.
    Earn(i64),
    /// Days go by, and what is due is released.
    Pass(i64),
    /// One of the rewards so far is rejected.
    Reject(prop::sample::Index),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Held,
    Available,
    Rejected,
}

#[derive(Default)]
struct Model(Vec<(RewardId, i64, chrono::DateTime<chrono::Utc>, State)>);

impl Model {
    fn sum(&self, state: State) -> i64 {
        self.0.iter().filter(|reward| reward.3 == state).map(|reward| reward.1).sum()
    }

    fn balance(&self) -> String {
        if self.0.is_empty() {
            return "none".to_owned();
        }
        format!("{} {} 0 0", self.sum(State::Held), self.sum(State::Available))
    }
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1_i64..1_000_000).prop_map(Step::Earn),
        2 => (0_i64..8).prop_map(Step::Pass),
        2 => any::<prop::sample::Index>().prop_map(Step::Reject),
    ]
}

async fn take(shop: &mut Shop, model: &mut Model, customer: &str, step: &Step) {
    match step {
        Step::Earn(cents) => {
            let key = format!("{customer}-{}", model.0.len());
            let sold = shop.record(&sale(&key, customer, *cents)).await;
            shop.settle().await;
            let reward = shop.reward_of(&sold).await;
            model.0.push((reward.id, *cents, reward.hold_until, State::Held));
        }
        Step::Pass(time) => {
            shop.world.pass(days(*time));
            while shop.release().await > 0 {}
            let due = model.0.iter_mut().filter(|one| one.3 == State::Held && one.2 <= shop.world.now);
            due.for_each(|reward| reward.3 = State::Available);
        }
        Step::Reject(_) if model.0.is_empty() => {}
        Step::Reject(index) => {
            let index = index.index(model.0.len());
            let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
            let review = Review::Reject { reason: "no".to_owned() };
            let done = Reward::review(conn, &shop.scope, model.0[index].0, &review, &act).await;
            match (done, model.0[index].3) {
                (Ok(_), State::Held) => model.0[index].3 = State::Rejected,
                (Err(ReviewError::WrongState { .. }), State::Available | State::Rejected) => {}
                (done, state) => panic!("{state:?}: {done:?}"),
            }
        }
    }
}

/// M5, whatever happens in whatever order: what the ledger holds is what the rewards come to.
#[test]
fn a_ledger_is_the_sum_of_its_rewards() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let draft = DraftTerms { hold_days: 7, ..percent("100") };
    let shop = std::cell::RefCell::new(runtime.block_on(Shop::open_with(&draft)));
    let number = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(Config { cases: 24, max_shrink_iters: 20, ..Config::default() });
    let histories = proptest::collection::vec(any_step(), 1..14);
    let held = runner.run(&histories, |steps| {
        let shop = &mut *shop.borrow_mut();
        number.set(number.get() + 1);
        runtime.block_on(async {
            let name = format!("p{}", number.get());
            let partner = shop.partner(&name).await;
            shop.customer_of(&name, &partner).await;
            let mut model = Model::default();
            for step in &steps {
                take(shop, &mut model, &name, step).await;
                prop_assert_eq!(shop.balance(partner.id).await, model.balance());
            }
            prop_assert_eq!(shop.violations().await, Vec::<String>::new());
            Ok(())
        })
    });
    held.unwrap();
}
