//! Random histories: however the work is cut into runs and whoever works at once, the rewards are those that the pure
//! evaluation gives one recorded event after the other.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use domain::{
    act::Act,
    adjustments::{AdjustError, Adjustment, NewAdjustment, NewAdjustmentKind, NewRefund, SaleNamed},
    attribution::Touch,
    customers::CustomerUpsert,
    db::Db,
    partners::{Partner, Transition as Change},
    programs::{Grandfathering, Program, ProgramChanges, Transition},
    scope::AccountScope,
    subscribers,
    terms::{DraftTerms, SelfReferral},
    transactions::{ItemInput, NewTransaction, Transaction},
};
use ids::{PartnerId, ProgramId};
use money::{Currency, Rounding};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use rust_decimal::Decimal;
use serde_json::json;

use crate::{
    oracle,
    partners::program,
    shop::{Shop, compute_once, customer, sale, terms},
};

/// A program of a shop with its partners, each with whether they are suspended.
struct Market {
    shop: Shop,
    rng: StdRng,
    partners: Vec<(Partner, bool)>,
    sales: usize,
    adjustments: usize,
}

impl Market {
    async fn open(seed: u64, policy: Grandfathering) -> Self {
        let mut shop = Shop::empty().await;
        let mut rng = StdRng::seed_from_u64(seed);
        let changes = ProgramChanges { grandfathering: Some(policy), ..ProgramChanges::default() };
        let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
        Program::update(conn, &shop.scope, shop.program.id, &changes, &act).await.unwrap();
        shop.publish(&random_terms(&mut rng), None).await;
        shop.transition(Transition::Activate).await;
        shop.program = program(&shop.world, &shop.scope, "Other").await;
        shop.publish(&random_terms(&mut rng), None).await;
        shop.program = shop.transition(Transition::Activate).await;
        let mut partners = Vec::new();
        for number in 0..4 {
            partners.push((shop.partner(&format!("p{number}")).await, false));
            // Said before any sale: an address that changes between two runs counts from the second on.
            let email = Some(format!("p{number}+me@example.com"));
            let said = CustomerUpsert { email, ..customer(shop.program.id, &format!("c{number}")) };
            shop.upsert(&said).await.unwrap();
        }
        Self { shop, rng, partners, sales: 0, adjustments: 0 }
    }

    async fn step(&mut self) {
        self.shop.world.pass(chrono::TimeDelta::minutes(self.rng.random_range(0..300)));
        match self.rng.random_range(0..14) {
            0..3 => self.customer().await,
            3..8 => self.sell().await,
            8 | 9 => self.toggle().await,
            10 => self.shop.sequence().await,
            11 | 12 => self.adjust().await,
            _ => {
                self.shop.sequence().await;
                self.shop.compute().await.unwrap();
            }
        }
    }

    async fn customer(&mut self) {
        let number = self.rng.random_range(0..4);
        let partner = &self.partners[number].0;
        let touch = match self.rng.random_range(0..4) {
            0 => None,
            1 => Some(Touch::Partner(partner.id)),
            _ => Some(Touch::LinkSlug(partner.key.clone())),
        };
        let key = format!("c{}", self.rng.random_range(0..12));
        let said = CustomerUpsert { touch, ..customer(self.shop.program.id, &key) };
        self.shop.upsert(&said).await.unwrap();
    }

    async fn toggle(&mut self) {
        let number = self.rng.random_range(0..4);
        let (partner, suspended) = &mut self.partners[number];
        *suspended = !*suspended;
        if *suspended { self.shop.suspend(partner.id).await } else { self.shop.reinstate(partner.id).await }
    }

    /// A new version where the present allows it, or some sales.
    async fn sell(&mut self) {
        if self.rng.random_bool(0.05) {
            let draft = random_terms(&mut self.rng);
            let from = self.shop.world.now + chrono::TimeDelta::hours(self.rng.random_range(25..50));
            self.shop.publish(&draft, Some(from)).await;
        }
        let count = self.rng.random_range(1..6);
        let said: Vec<_> = (0..count).map(|_| self.sale()).collect();
        for answer in self.shop.try_record(&said).await.unwrap() {
            answer.unwrap();
        }
    }

    /// A refund, chargeback or void of some sale, recorded or yet to come; what exceeds its sale is refused.
    async fn adjust(&mut self) {
        let key = format!("s{}", self.rng.random_range(1..self.sales + 3));
        let what = match self.rng.random_range(0..6) {
            0 => NewAdjustmentKind::Chargeback,
            1 => NewAdjustmentKind::Void,
            _ => NewAdjustmentKind::Refund(NewRefund {
                amount: Some(Decimal::new(self.rng.random_range(1..9_000), 2)),
                currency: Some(Currency::USD),
                ..NewRefund::default()
            }),
        };
        self.adjustments += 1;
        let sale = SaleNamed::Key { program_id: self.shop.program.id, key };
        let key = format!("a{}", self.adjustments);
        let adjustment = NewAdjustment { sale, key, what, occurred_at: None };
        let (conn, act) = (&mut *self.shop.world.conn().await, self.shop.world.act());
        if let Err(AdjustError::Database(error)) =
            Adjustment::record(conn, &self.shop.scope, &adjustment, &act).await
        {
            panic!("{error}");
        }
    }

    fn sale(&mut self) -> NewTransaction {
        self.sales += 1;
        let cents = self.rng.random_range(0..50_000);
        let customer = format!("c{}", self.rng.random_range(0..14));
        let items = (0..self.rng.random_range(0..3)).map(|n| ItemInput {
            product_id: Some(format!("p{n}")),
            product_type: None,
            quantity: 1 + n,
            amount: Decimal::new(cents / 4, 2),
        });
        NewTransaction {
            items: items.collect(),
            tax: Decimal::new(cents / 5, 2),
            currency: if self.rng.random_bool(0.1) { Currency::EUR } else { Currency::USD },
            rewardable: self.rng.random_bool(0.95),
            occurred_at: self.rng.random_bool(0.5).then(|| {
                self.shop.world.now + chrono::TimeDelta::minutes(self.rng.random_range(-3_000..1_400))
            }),
            ..sale(&format!("s{}", self.sales), &customer, cents)
        }
    }
}

fn random_terms(rng: &mut StdRng) -> DraftTerms {
    let mut rules = Vec::new();
    for number in 0..rng.random_range(0..4) {
        let value = match rng.random_range(0..3) {
            0 => json!({ "type": "FIXED", "amount": format!("{}.5", rng.random_range(0..9)) }),
            1 => json!({ "type": "FIXED", "amount": "0.333", "per": "UNIT" }),
            _ => json!({ "type": "PERCENT", "percent": format!("{}.{}", rng.random_range(0..60), number) }),
        };
        let stacking = if rng.random_bool(0.5) { "ADD" } else { "EXCLUSIVE" };
        // In an order that a dictionary would not give them.
        let id = ["b", "A", "a-1", "Z_9"][number];
        let mut rule = json!({ "id": id, "trigger": "SALE", "beneficiary": "PARTNER", "value": value,
            "stacking": stacking, "priority": rng.random_range(0..3) });
        let per_unit = rule["value"]["per"] == "UNIT";
        match rng.random_range(0..6) {
            0 if !per_unit => {
                let steps = json!([{ "from": "2", "value": { "type": "PERCENT", "percent": "45" } }]);
                let (metric, period) =
                    ([("SALES", "MONTH"), ("CUSTOMERS", "ALL"), ("REVENUE", "WEEK")])[rng.random_range(0..3)];
                rule["tiers"] = json!({ "metric": metric, "period": period, "steps": steps });
            }
            1 => rule["caps"] = json!({ "perCustomer": "150" }),
            2 => rule["caps"] = json!({ "perPartner": { "amount": "200", "period": "DAY" } }),
            3 => rule["duration"] = json!({ "type": "COUNT", "n": 2, "from": "FIRST_SALE" }),
            _ => {}
        }
        rules.push(rule);
    }
    if rng.random_bool(0.5) {
        rules.push(json!({ "id": "m", "trigger": "MILESTONE", "beneficiary": "PARTNER",
            "value": { "type": "FIXED", "amount": "3" }, "milestone": { "metric": "SALES", "every": "4" } }));
        rules.push(json!({ "id": "s", "trigger": "SIGNUP", "beneficiary": "REFERRED",
            "value": { "type": "UNITS", "unit": "points", "amount": "5" } }));
    }
    let policies = [SelfReferral::Reject, SelfReferral::Review, SelfReferral::Allow];
    let roundings = [Rounding::HalfEven, Rounding::HalfUp, Rounding::Up, Rounding::Down];
    DraftTerms {
        hold_days: rng.random_range(0..60),
        rounding: roundings[rng.random_range(0..4)],
        self_referral: policies[rng.random_range(0..3)],
        ..terms(json!(rules))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_history_comes_to_what_its_events_say_one_by_one() {
    for seed in 0..6 {
        let policy = if seed % 2 == 0 { Grandfathering::Keep } else { Grandfathering::Follow };
        let mut market = Market::open(seed, policy).await;
        for _ in 0..80 {
            market.step().await;
        }
        let shop = &market.shop;
        shop.sequence().await;
        // Four at once: one works, the others find what it left.
        let runs = (0..4).map(|_| shop.compute());
        for run in futures_util::future::join_all(runs).await {
            run.unwrap();
        }
        shop.settle().await;
        let expected = oracle::expected(shop, shop.program.id).await;
        assert!(expected.len() >= market.sales);
        assert_eq!(oracle::written(shop, shop.program.id).await, expected, "seed {seed}");
        shop.assert_verified().await;
        let before = shop.world.count("events").await;
        shop.settle().await;
        assert_eq!(shop.world.count("events").await, before, "computing again does nothing");
    }
}

/// Thirty calls of three sales, to the two programs in turn.
async fn sell(task: usize, db: Db, scope: AccountScope, programs: [ProgramId; 2], act: Act) {
    for round in 0..30 {
        let said: Vec<_> = (0..3)
            .map(|n| sale(&format!("{task}-{round}-{n}"), &format!("c{}", (round + n) % 9), 1_000))
            .collect();
        let conn = &mut *db.get().await.unwrap();
        Transaction::record_all(conn, &scope, programs[round % 2], &said, &act).await.unwrap();
    }
}

/// Suspends and reinstates a partner, ten times.
async fn waver(id: PartnerId, db: Db, scope: AccountScope, act: Act) {
    for round in 0..20 {
        let conn = &mut *db.get().await.unwrap();
        let next = if round % 2 == 0 { Change::Suspend { reason: "x" } } else { Change::Reinstate };
        Partner::transition(conn, &scope, id, next, &act).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Sequences and computes until nothing is left after the end.
async fn work(id: ProgramId, db: Db, act: Act, over: Arc<AtomicBool>) {
    loop {
        let was_over = over.load(Ordering::SeqCst);
        let conn = &mut *db.get().await.unwrap();
        let told = subscribers::sequence(conn, act.now, &act.ids).await.unwrap();
        if compute_once(&db, id, &act).await.unwrap().facts + told == 0 && was_over {
            return;
        }
    }
}

/// Two programs, four writers of rewards on each, sequencers, four tasks that sell and one that suspends, all at once.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_works_at_once_the_rewards_are_those_of_the_feed() {
    let mut shop = Shop::open().await;
    let first = shop.program.clone();
    let mut partners = vec![shop.partner("jane").await, shop.partner("joe").await];
    for number in 0..8 {
        shop.customer_of(&format!("c{number}"), &partners[number % 2]).await;
    }
    shop.program = program(&shop.world, &shop.scope, "Second").await;
    shop.publish(&crate::shop::percent("7.5"), None).await;
    let second = shop.transition(Transition::Activate).await;
    partners.push(shop.partner("zoe").await);
    for number in 0..8 {
        shop.customer_of(&format!("c{number}"), &partners[2]).await;
    }
    let db = shop.pool(24);
    let (scope, act) = (&shop.scope, shop.world.act());
    let mut sellers: Vec<_> = (0..4)
        .map(|task| tokio::spawn(sell(task, db.clone(), scope.clone(), [first.id, second.id], act.clone())))
        .collect();
    sellers.push(tokio::spawn(waver(partners[1].id, db.clone(), scope.clone(), act.clone())));
    let over = Arc::new(AtomicBool::new(false));
    let workers: Vec<_> = (0..8)
        .map(|number| {
            let id = [first.id, second.id][number % 2];
            tokio::spawn(work(id, db.clone(), act.clone(), over.clone()))
        })
        .collect();
    for seller in sellers {
        seller.await.unwrap();
    }
    over.store(true, Ordering::SeqCst);
    for worker in workers {
        worker.await.unwrap();
    }
    for id in [first.id, second.id] {
        let expected = oracle::expected(&shop, id).await;
        assert_eq!(expected.len(), 180);
        assert_eq!(oracle::written(&shop, id).await, expected);
    }
    assert_eq!(shop.world.count("evaluations WHERE transaction_id IS NOT NULL").await, 360);
    shop.assert_verified().await;
}
