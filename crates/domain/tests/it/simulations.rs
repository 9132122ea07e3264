//! Terms over recorded history: what they would have paid beside what was earned.

use std::collections::BTreeMap;

use diesel_async::AsyncConnection;
use domain::{
    adjustments::{Adjustment, AdjustmentBasis, NewAdjustment, NewAdjustmentKind, NewRefund, SaleNamed},
    attribution::PastRewards,
    customers::{Customer, ReassignError, Reassignment},
    operations::Operation,
    page::PageArgs,
    partners::Partner,
    scope::AccountScope,
    simulations::{SimulateError, Simulated, Simulation, SimulationFailure, SimulationGroup, SimulationRow},
    stats::DateRange,
    terms::{DraftTerms, Terms},
    transactions::{ItemInput, NewTransaction},
};
use ids::TermsId;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use rust_decimal::Decimal;
use serde_json::json;

use crate::{
    partners::account,
    shop::{Shop, customer, days, percent, sale, terms},
};

/// Percentages with a cap per month, a fixed amount, and milestones: much that looks back.
fn every_kind() -> DraftTerms {
    terms(json!([
        { "id": "base", "trigger": "SALE", "beneficiary": "PARTNER",
          "value": { "type": "PERCENT", "percent": "12.5" },
          "caps": { "perPartner": { "amount": "900", "period": "MONTH" } } },
        { "id": "welcome", "trigger": "SIGNUP", "beneficiary": "REFERRED",
          "value": { "type": "FIXED", "amount": "5" } },
        { "id": "steps", "trigger": "MILESTONE", "beneficiary": "PARTNER",
          "value": { "type": "FIXED", "amount": "20" },
          "milestone": { "metric": "REVENUE", "at": ["500", "2000"] } }
    ]))
}

/// Ten weeks of sales of two partners, some of them refunded, some while a partner is suspended.
async fn season(shop: &mut Shop, seed: u64) {
    let mut rng = StdRng::seed_from_u64(seed);
    let partners = [shop.partner("jane").await, shop.partner("joe").await];
    for number in 0..8_usize {
        match partners.get(number % 3) {
            Some(partner) => drop(shop.customer_of(&format!("c{number}"), partner).await),
            None => drop(shop.upsert(&customer(shop.program.id, &format!("c{number}"))).await.unwrap()),
        }
    }
    for number in 0..60 {
        shop.world.pass(days(1));
        if number == 20 {
            shop.suspend(partners[1].id).await;
        }
        if number == 30 {
            shop.reinstate(partners[1].id).await;
        }
        let cents = 800 * rng.random_range(1..100);
        let items = (0..rng.random_range(0..3)).map(|product| ItemInput {
            product_id: Some(format!("p{product}")),
            product_type: None,
            quantity: 1,
            amount: Decimal::new(cents / 4, 2),
        });
        let buyer = format!("c{}", rng.random_range(0..8));
        let said = NewTransaction { items: items.collect(), ..sale(&format!("s{number}"), &buyer, cents) };
        shop.record(&said).await;
        if rng.random_bool(0.3) {
            refund(shop, number, rng.random_range(1..=4) * cents / 4).await;
        }
        if rng.random_bool(0.15) {
            let key = format!("c{}", rng.random_range(0..8));
            let past = if rng.random_bool(0.7) { PastRewards::Move } else { PastRewards::Keep };
            give(shop, &key, partners.get(rng.random_range(0..3)), (past, number)).await;
        }
        if rng.random_bool(0.2) {
            shop.settle().await;
        }
    }
    shop.settle().await;
}

/// Gives a customer to another partner, or to nobody, if they are not that one's.
async fn give(shop: &Shop, key: &str, to: Option<&Partner>, (past_rewards, number): (PastRewards, usize)) {
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let customer = Customer::find_by_key(conn, &shop.scope, shop.program.id, key).await.unwrap().unwrap();
    let said = Reassignment {
        customer_id: customer.id,
        partner_id: to.map(|partner| partner.id),
        past_rewards,
        reason: "they asked".to_owned(),
        idempotency_key: format!("given {number}"),
    };
    match Customer::reassign(conn, &shop.scope, &said, &act).await {
        Ok(_) | Err(ReassignError::Unchanged) => {}
        Err(error) => panic!("{error}"),
    }
}

async fn refund(shop: &Shop, number: usize, cents: i64) {
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let refund = NewRefund {
        amount: Some(Decimal::new(cents, 2)),
        currency: None,
        basis: Some(AdjustmentBasis::Net),
        lines: Vec::new(),
    };
    let new = NewAdjustment {
        sale: SaleNamed::Key { program_id: shop.program.id, key: format!("s{number}") },
        key: format!("r{number}"),
        what: NewAdjustmentKind::Refund(refund),
        occurred_at: None,
    };
    Adjustment::record(conn, &shop.scope, &new, &act).await.unwrap();
}

fn range() -> DateRange {
    DateRange::new("2026-11-01".parse().unwrap(), "2027-03-01".parse().unwrap()).unwrap()
}

async fn draft(shop: &Shop, said: &DraftTerms) -> TermsId {
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    Terms::put_draft(conn, &shop.scope, shop.program.id, said, &act).await.unwrap().id
}

async fn simulate(shop: &Shop, terms_id: TermsId) -> (Simulated, Simulation, Operation) {
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let begun = Simulation::start(conn, &shop.scope, terms_id, range(), &act).await.unwrap();
    let beside = &mut *shop.world.conn().await;
    let simulated = conn.transaction(async |conn| Simulation::run(conn, beside, begun.id, &act).await);
    let simulated = simulated.await.unwrap();
    let (simulation, operation) = Simulation::find(conn, &shop.scope, begun.id).await.unwrap().unwrap();
    (simulated, simulation, operation)
}

async fn rows(shop: &Shop, simulation: &Simulation, group: Option<SimulationGroup>) -> Vec<SimulationRow> {
    let conn = &mut *shop.world.conn().await;
    simulation.rows(conn, group, PageArgs::new(100, None)).await.unwrap().rows
}

const KEPT: [&str; 6] = ["rewards", "ledger_transfers", "balances", "events", "evaluations", "reversals"];

async fn kept(shop: &Shop) -> BTreeMap<&'static str, Vec<String>> {
    let mut kept = BTreeMap::new();
    for table in KEPT {
        let query = format!("SELECT md5(t::text) AS line FROM {table} t ORDER BY 1");
        kept.insert(table, shop.lines(&query).await);
    }
    kept
}

#[tokio::test]
async fn terms_as_they_were_give_what_was_earned_and_nothing_is_written() {
    for seed in 0..3 {
        let mut shop = Shop::open_with(&every_kind()).await;
        season(&mut shop, seed).await;
        let before = kept(&shop).await;
        let same = draft(&shop, &every_kind()).await;
        let (simulated, simulation, operation) = simulate(&shop, same).await;
        let Simulated::Done { events } = simulated else { panic!("seed {seed}: {simulated:?}") };
        assert!(events > 70, "{events} events were read");
        assert_eq!(operation.done, i64::try_from(events).unwrap());
        assert_eq!(operation.finished_at, Some(shop.world.now));
        let found = rows(&shop, &simulation, None).await;
        assert!(found.len() > 6, "{found:?}");
        let differ: Vec<_> = found.iter().filter(|row| row.simulated != row.earned).collect();
        assert!(differ.is_empty(), "seed {seed}: {differ:#?}");
        let earned: i64 = found.iter().map(|row| row.earned).sum();
        assert!(earned > 0);
        assert_eq!(
            shop.world.count(&format!("(SELECT sum(net) AS net FROM rewards) r WHERE net = {earned}")).await,
            1
        );
        assert_eq!(kept(&shop).await, before, "seed {seed}");
        shop.assert_verified().await;
    }
}

#[tokio::test]
async fn twice_the_percentage_gives_twice_the_reward_of_each_partner_product_and_month() {
    let mut shop = Shop::open_with(&percent("12.5")).await;
    season(&mut shop, 7).await;
    let double = draft(&shop, &percent("25")).await;
    let (simulated, simulation, _) = simulate(&shop, double).await;
    assert!(matches!(simulated, Simulated::Done { .. }), "{simulated:?}");
    for group in [Some(SimulationGroup::Partner), Some(SimulationGroup::Month)] {
        let found = rows(&shop, &simulation, group).await;
        assert!(found.len() > 1, "{group:?}: {found:?}");
        assert!(found.iter().all(|row| row.simulated == 2 * row.earned), "{group:?}: {found:#?}");
        assert!(
            found.iter().all(|row| row.partner_id.is_some() == (group == Some(SimulationGroup::Partner)))
        );
    }
    let products = rows(&shop, &simulation, Some(SimulationGroup::Product)).await;
    let mut named: Vec<_> = products.iter().map(|row| row.product_id.as_deref()).collect();
    named.sort_unstable();
    assert_eq!(named, [None, Some("p0"), Some("p1")]);
    let totals = simulation.totals(&mut *shop.world.conn().await).await.unwrap();
    let [total] = totals.as_slice() else { panic!("{totals:?}") };
    assert!(total.earned > 0 && total.simulated == 2 * total.earned, "{total:?}");
    assert_eq!(products.iter().map(|row| row.earned).sum::<i64>(), total.earned);
}

/// What was earned before the range or after it is nobody's business, and pages go through all rows in order.
#[tokio::test]
async fn events_out_of_the_range_do_not_count_and_rows_come_in_pages() {
    let mut shop = Shop::open_with(&percent("12.5")).await;
    season(&mut shop, 3).await;
    let same = draft(&shop, &percent("12.5")).await;
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let december = DateRange::new("2026-12-01".parse().unwrap(), "2027-01-01".parse().unwrap()).unwrap();
    let begun = Simulation::start(conn, &shop.scope, same, december, &act).await.unwrap();
    Simulation::run(conn, &mut *shop.world.conn().await, begun.id, &act).await.unwrap();
    let (simulation, _) = Simulation::find(conn, &shop.scope, begun.id).await.unwrap().unwrap();
    let months = rows(&shop, &simulation, Some(SimulationGroup::Month)).await;
    assert_eq!(months.len(), 1);
    assert_eq!(months[0].month, Some("2026-12-01".parse().unwrap()));
    assert_eq!(months[0].simulated, months[0].earned);
    let all = rows(&shop, &simulation, None).await;
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = simulation.rows(conn, None, PageArgs::new(2, after)).await.unwrap();
        after = page.rows.last().map(|row| row.place);
        seen.extend(page.rows);
        if !page.has_next {
            break;
        }
    }
    assert_eq!(seen, all);
}

#[tokio::test]
async fn another_account_reaches_nothing_and_a_fact_that_cannot_be_read_is_a_failure_for_good() {
    let mut shop = Shop::open().await;
    season(&mut shop, 1).await;
    let tried = draft(&shop, &percent("40")).await;
    let stranger = account(&shop.world).await;
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let refused = Simulation::start(conn, &stranger, tried, range(), &act).await;
    assert!(matches!(refused, Err(SimulateError::NotFound)), "{refused:?}");
    let begun = Simulation::start(conn, &shop.scope, tried, range(), &act).await.unwrap();
    assert_eq!(Simulation::find(conn, &stranger, begun.id).await.unwrap(), None);
    let elsewhere = AccountScope::limited(shop.scope.account_id, vec![shop.world.ids.next(shop.world.now)]);
    assert_eq!(Simulation::find(conn, &elsewhere, begun.id).await.unwrap(), None);
    let spoilt = "ALTER TABLE events DISABLE TRIGGER USER; \
        UPDATE events SET payload = '{}' WHERE kind = 'transaction.adjusted'";
    shop.world.execute(spoilt).await;
    let beside = &mut *shop.world.conn().await;
    let failed = Simulation::run(conn, beside, begun.id, &act).await.unwrap();
    assert_eq!(failed, Simulated::Failed(SimulationFailure::Uncomputable));
    let (simulation, operation) = Simulation::find(conn, &shop.scope, begun.id).await.unwrap().unwrap();
    assert_eq!((simulation.failure, operation.finished_at), (Some(SimulationFailure::Uncomputable), None));
    assert_eq!(Simulation::run(conn, beside, begun.id, &act).await.unwrap(), Simulated::Nothing);
    assert_eq!(shop.world.count("simulation_rows").await, 0);
}

/// Whoever edits the draft while it is run, or before, does not change what was asked.
#[tokio::test]
async fn the_terms_are_run_as_they_were_when_it_was_asked() {
    let mut shop = Shop::open_with(&percent("10")).await;
    season(&mut shop, 3).await;
    let tried = draft(&shop, &percent("20")).await;
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let begun = Simulation::start(conn, &shop.scope, tried, range(), &act).await.unwrap();
    assert_eq!(draft(&shop, &percent("30")).await, tried, "the same draft");
    Terms::delete_draft(conn, &shop.scope, tried, &act).await.unwrap();
    let beside = &mut *shop.world.conn().await;
    Simulation::run(conn, beside, begun.id, &act).await.unwrap();
    let (simulation, _) = Simulation::find(conn, &shop.scope, begun.id).await.unwrap().unwrap();
    assert!(simulation.terms["rules"].to_string().contains(r#""percent":"20""#), "{}", simulation.terms);
    let [total] = simulation.totals(conn).await.unwrap()[..] else { panic!() };
    assert!(total.earned > 0 && (total.simulated - 2 * total.earned).abs() < 100, "{total:?}");
}

/// How far a run is can be read before it commits, and a run that comes to nothing leaves no answer.
#[tokio::test]
async fn others_see_how_far_a_run_is() {
    let mut shop = Shop::open().await;
    season(&mut shop, 4).await;
    let tried = draft(&shop, &percent("40")).await;
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let begun = Simulation::start(conn, &shop.scope, tried, range(), &act).await.unwrap();
    let beside = &mut *shop.world.conn().await;
    let undone: diesel::QueryResult<()> = conn
        .transaction(async |conn| {
            Simulation::run(conn, beside, begun.id, &act).await?;
            Err(diesel::result::Error::RollbackTransaction)
        })
        .await;
    assert!(undone.is_err());
    let (_, told) = Simulation::find(conn, &shop.scope, begun.id).await.unwrap().unwrap();
    assert!(told.done > 60, "all events of the season: {told:?}");
    assert_eq!((told.done, told.finished_at), (told.total, None));
    assert_eq!(shop.world.count("simulation_rows").await, 0);
}
