//! Events that are evaluated again: when a rate comes, and when a customer goes to another partner.

use diesel_async::SimpleAsyncConnection;
use domain::{
    adjustments::{Adjustment, NewAdjustment, NewAdjustmentKind, SaleNamed},
    attribution::PastRewards,
    customers::{Customer, Reassignment},
    partners::{Partner, PartnerChanges},
    rates::{ExchangeRate, NewRate},
    rewards::{Review, Reward},
    transactions::{NewTransaction, Transaction},
};
use money::Currency;
use serde_json::json;

use crate::{
    moved_pasts::reassign,
    shop::{Shop, compute_once, customer, days, percent, sale, terms},
};

#[tokio::test]
async fn a_sale_without_a_rate_is_rewarded_when_one_is_stored() {
    let shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    let euros = NewTransaction { currency: Currency::EUR, ..sale("s", "c", 1_000) };
    let sold = shop.record(&euros).await;
    shop.settle().await;
    assert_eq!(shop.result(&sold).await, "RATE_MISSING");
    store_rate(&shop).await;
    shop.settle().await;
    assert_eq!(shop.result(&sold).await, "base 450 HELD");
    assert_eq!(shop.world.count("non_rewards WHERE superseded_at IS NOT NULL").await, 1);
    shop.assert_verified().await;
}

/// Whoever imports the first rate late waits for the sales of a year: a run takes as many of them as of other facts, in recorded
/// order, and stands before the rate until all are done.
#[tokio::test]
async fn a_first_rate_for_more_sales_than_a_run_takes_is_done_in_several() {
    let shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    let euros = |n: i32| NewTransaction { currency: Currency::EUR, ..sale(&format!("s{n}"), "c", 1_000) };
    let all: Vec<NewTransaction> = (0..1_100).map(euros).collect();
    shop.try_record(&all[..600]).await.unwrap();
    shop.settle().await;
    shop.try_record(&all[600..]).await.unwrap();
    let pounds = NewTransaction { currency: Currency::GBP, ..sale("pounds", "c", 1_000) };
    let waits = shop.record(&pounds).await;
    shop.settle().await;
    assert_eq!(shop.world.count("non_rewards").await, 1_101);
    store_rate(&shop).await;
    let last = shop.record(&sale("last", "c", 1_000)).await;
    shop.sequence().await;
    let mut rewarded = Vec::new();
    loop {
        let computed = shop.compute().await.unwrap();
        rewarded.push((computed.facts, shop.world.count("rewards").await));
        if !computed.more {
            break;
        }
    }
    assert_eq!(rewarded, [(0, 500), (0, 1_000), (2, 1_101)]);
    let out_of_order = "(SELECT t.key, row_number() OVER (ORDER BY e.id) AS again, \
        row_number() OVER (ORDER BY substr(t.key, 2)::int) AS first FROM evaluations e \
        JOIN transactions t ON t.id = e.transaction_id WHERE e.number = 2) o WHERE again <> first";
    assert_eq!(shop.world.count(out_of_order).await, 0);
    assert_eq!(shop.result(&waits).await, "RATE_MISSING");
    assert_eq!(shop.result(&last).await, "base 300 HELD");
    shop.assert_verified().await;
}

async fn void(shop: &Shop, sale: &Transaction) {
    let (sale, key) = (SaleNamed::Id(sale.id), format!("void {}", sale.key));
    let void = NewAdjustment { sale, key, what: NewAdjustmentKind::Void, occurred_at: None };
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    Adjustment::record(conn, &shop.scope, &void, &act).await.unwrap();
}

/// The step is left behind and reached again in one run, and in two.
#[tokio::test]
async fn a_milestone_that_a_person_rejected_is_not_reached_again() {
    let rules = json!([{"id": "third", "trigger": "MILESTONE", "beneficiary": "PARTNER",
        "value": {"type": "FIXED", "amount": "5"}, "milestone": {"metric": "SALES", "at": ["2"]}}]);
    let shop = Shop::open_with(&terms(rules)).await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    let first = shop.record(&sale("first", "c", 1_000)).await;
    let second = shop.record(&sale("second", "c", 1_000)).await;
    shop.settle().await;
    let conn = &mut *shop.world.conn().await;
    let made = Reward::of_transactions(conn, &shop.scope, &[second.id]).await.unwrap().remove(0);
    let review = Review::Reject { reason: "fraud".to_owned() };
    Reward::review(conn, &shop.scope, made.id, &review, &shop.world.act()).await.unwrap();
    void(&shop, &first).await;
    let third = shop.record(&sale("third", "c", 1_000)).await;
    shop.settle().await;
    void(&shop, &third).await;
    shop.settle().await;
    shop.record(&sale("fourth", "c", 1_000)).await;
    shop.settle().await;
    assert_eq!(shop.world.count("rewards").await, 1);
    assert_eq!(shop.balance(jane.id).await, "0 0 0 0");
    shop.assert_verified().await;
}

/// What fails behind them leaves nothing of itself in what is written of the facts before.
#[tokio::test]
async fn a_sale_that_cannot_be_computed_counts_for_nothing() {
    let shop = Shop::open_with(&percent("1000")).await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    shop.record(&sale("good", "c", 1_000)).await;
    shop.record(&sale("bad", "c", 1_000)).await;
    shop.world
        .execute(
            "SET session_replication_role = replica; \
             UPDATE transactions SET gross = 9223372036854775807, net = 9223372036854775807 WHERE key = 'bad'; \
             RESET session_replication_role",
        )
        .await;
    shop.sequence().await;
    let stopped = shop.compute().await.unwrap().stopped;
    assert!(stopped.is_some_and(|stopped| stopped.why.contains("out of range")));
    assert_eq!(shop.world.count("reward_customers WHERE sales = 1 AND has_paid").await, 1);
    assert_eq!(shop.world.count("rewards").await, 1);
    shop.world
        .execute(
            "SET session_replication_role = replica; UPDATE transactions SET gross = 1000, net = 1000 WHERE key = 'bad'; \
             RESET session_replication_role; \
             UPDATE reward_cursors SET stopped_position = NULL, stopped_why = NULL, stopped_at = NULL",
        )
        .await;
    shop.settle().await;
    assert_eq!(shop.world.count("reward_customers WHERE sales = 2").await, 1);
    shop.assert_verified().await;
}

/// A release has a reward and wants the balance; the writer, which has something to add to that balance, takes back from that
/// reward: it must not have the balance before.
#[tokio::test(flavor = "multi_thread")]
async fn the_writer_takes_rewards_before_balances() {
    let shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    let first = shop.record(&sale("first", "c", 1_000)).await;
    shop.settle().await;
    shop.record(&sale("second", "c", 1_000)).await;
    void(&shop, &first).await;
    shop.sequence().await;
    let db = shop.pool(4);
    let release = &mut *db.get().await.unwrap();
    release.batch_execute("BEGIN; SELECT FROM rewards FOR UPDATE").await.unwrap();
    let (id, act) = (shop.program.id, shop.world.act());
    let writer = tokio::spawn({
        let db = db.clone();
        async move { compute_once(&db, id, &act).await.map(|computed| computed.stopped) }
    });
    let waits = "pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while shop.world.count(waits).await == 0 {
        tokio::task::yield_now().await;
    }
    release.batch_execute("SET lock_timeout = '5s'; UPDATE balances SET held = held; COMMIT").await.unwrap();
    assert_eq!(writer.await.unwrap().unwrap(), None);
    assert_eq!(shop.balance(jane.id).await, "300 0 0 0");
    shop.assert_verified().await;
}

/// A step of nothing is reached by the first sign-up.
#[tokio::test]
async fn a_milestone_may_begin_at_nothing() {
    let rules = json!([{"id": "hello", "trigger": "MILESTONE", "beneficiary": "PARTNER",
        "value": {"type": "FIXED", "amount": "5"}, "milestone": {"metric": "SALES", "at": ["0", "1"]}}]);
    let shop = Shop::open_with(&terms(rules)).await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    shop.settle().await;
    assert_eq!(shop.balance(jane.id).await, "500 0 0 0");
    shop.record(&sale("s", "c", 1_000)).await;
    shop.settle().await;
    assert_eq!(shop.balance(jane.id).await, "1000 0 0 0");
    shop.assert_verified().await;
}

/// A customer who is given to a partner alone, in a run of their own, adds to what was counted before, and to what was spent.
#[tokio::test]
async fn a_reassignment_adds_to_what_was_counted() {
    let rules = json!([
        {"id": "hello", "trigger": "SIGNUP", "beneficiary": "PARTNER", "value": {"type": "FIXED", "amount": "10"},
            "caps": {"perPartner": {"amount": "30", "period": "ALL"}}},
        {"id": "base", "trigger": "SALE", "beneficiary": "PARTNER", "value": {"type": "PERCENT", "percent": "10"},
            "tiers": {"metric": "SIGNUPS", "steps": [{"from": "4", "value": {"type": "PERCENT", "percent": "20"}}]}},
    ]);
    let mut shop = Shop::open_with(&terms(rules)).await;
    let (jane, joe) = (shop.partner("jane").await, shop.partner("joe").await);
    for name in ["a", "b", "c"] {
        shop.customer_of(name, &jane).await;
    }
    let organic = shop.upsert(&customer(shop.program.id, "organic")).await.unwrap();
    shop.settle().await;
    assert_eq!(shop.balance(jane.id).await, "3000 0 0 0");
    shop.world.pass(days(40));
    reassign(&shop, &organic, Some(&jane), PastRewards::Keep, "1").await;
    assert_eq!(shop.balance(jane.id).await, "3000 0 0 0", "the cap is spent");
    let sold = shop.record(&sale("s", "a", 1_000)).await;
    shop.settle().await;
    assert_eq!(shop.result(&sold).await, "base 200 HELD", "four have signed up");
    // One who has bought nothing goes, with what was paid for them: there is room under the cap again, once.
    let gone = {
        let conn = &mut *shop.world.conn().await;
        Customer::find_by_key(conn, &shop.scope, shop.program.id, "b").await.unwrap().unwrap()
    };
    reassign(&shop, &gone, Some(&joe), PastRewards::Move, "2").await;
    let tallies = "SELECT p.key || ' ' || t.signups AS line FROM reward_tallies t JOIN partners p ON p.id = t.partner_id \
        WHERE t.period = 'ALL' ORDER BY p.key";
    assert_eq!(shop.lines(tallies).await, ["jane 3", "joe 1"]);
    for name in ["d", "e"] {
        shop.customer_of(name, &jane).await;
    }
    shop.settle().await;
    let spent = "SELECT p.key || ' ' || sum(r.net) AS line FROM rewards r JOIN partners p ON p.id = r.partner_id \
        WHERE r.rule = 'hello' GROUP BY p.key ORDER BY p.key";
    assert_eq!(shop.lines(spent).await, ["jane 3000", "joe 1000"]);
    shop.assert_verified().await;
}

/// Whoever stood above when a sale was recorded keeps what was counted of them, whoever stands there now.
#[tokio::test]
async fn what_is_taken_back_is_taken_off_what_was_spent_on_whom_it_was_paid_to() {
    let rules = json!([
        {"id": "base", "trigger": "SALE", "beneficiary": "PARTNER", "value": {"type": "PERCENT", "percent": "10"}},
        {"id": "above", "trigger": "SALE", "beneficiary": "UPLINE", "level": 1, "value": {"type": "PERCENT", "percent": "5"},
            "caps": {"perPartner": {"amount": "100", "period": "ALL"}}},
    ]);
    let shop = Shop::open_with(&terms(rules)).await;
    let (jane, above, later) =
        (shop.partner("jane").await, shop.partner("above").await, shop.partner("later").await);
    let stands_above = async |upline: &Partner| {
        let changes = PartnerChanges { upline_id: Some(Some(upline.id)), ..PartnerChanges::default() };
        let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
        Partner::update(conn, &shop.scope, jane.id, &changes, &act).await.unwrap();
        shop.settle().await;
    };
    stands_above(&above).await;
    shop.customer_of("c", &jane).await;
    let sales =
        [shop.record(&sale("first", "c", 80_000)).await, shop.record(&sale("second", "c", 80_000)).await];
    shop.settle().await;
    assert_eq!(shop.balance(above.id).await, "8000 0 0 0");
    stands_above(&later).await;
    void(&shop, &sales[0]).await;
    shop.settle().await;
    let spent = "SELECT p.key || ' ' || s.net AS line FROM reward_spending s JOIN partners p ON p.id = s.beneficiary ORDER BY p.key";
    assert_eq!(shop.lines(spent).await, ["above 4000"]);
    stands_above(&above).await;
    shop.record(&sale("third", "c", 200_000)).await;
    shop.settle().await;
    assert_eq!(shop.balance(above.id).await, "10000 0 0 0", "no more than the cap");
    shop.assert_verified().await;
}

pub async fn store_rate(shop: &Shop) {
    let rate = NewRate {
        from: Currency::EUR,
        to: Currency::USD,
        rate: "1.5".parse().unwrap(),
        at: shop.world.now - days(1),
        source: "the bank".to_owned(),
    };
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    ExchangeRate::store(conn, &shop.scope, &rate, &act).await.unwrap();
}

/// A sale that waits for a rate, with the customer's partner gone before the rate is there; in one run.
async fn gone_before_the_rate(past: PastRewards) -> (Shop, Transaction, Partner) {
    let rules = json!([
        {"id": "base", "trigger": "SALE", "beneficiary": "PARTNER", "value": {"type": "PERCENT", "percent": "30"}},
        {"id": "two", "trigger": "MILESTONE", "beneficiary": "PARTNER", "value": {"type": "FIXED", "amount": "5"},
            "milestone": {"metric": "SALES", "at": ["2"]}},
    ]);
    let shop = Shop::open_with(&terms(rules)).await;
    let jane = shop.partner("jane").await;
    let bob = shop.customer_of("bob", &jane).await;
    shop.record(&sale("dollars", "bob", 1_000)).await;
    let euros = NewTransaction { currency: Currency::EUR, ..sale("euros", "bob", 1_000) };
    let sold = shop.record(&euros).await;
    shop.settle().await;
    assert_eq!(shop.result(&sold).await, "RATE_MISSING");
    let said = Reassignment {
        customer_id: bob.id,
        partner_id: None,
        past_rewards: past,
        reason: "they asked".to_owned(),
        idempotency_key: "gone".to_owned(),
    };
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    Customer::reassign(conn, &shop.scope, &said, &act).await.unwrap();
    store_rate(&shop).await;
    shop.settle().await;
    (shop, sold, jane)
}

#[tokio::test]
async fn a_sale_that_waited_for_a_rate_goes_with_its_customer() {
    let (shop, sold, jane) = gone_before_the_rate(PastRewards::Move).await;
    assert!(shop.result(&sold).await.ends_with("NO_ATTRIBUTION"), "{}", shop.result(&sold).await);
    assert_eq!(shop.balance(jane.id).await, "0 0 0 0");
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_late_rate_reaches_the_milestone_of_whose_sale_it_is() {
    let (shop, sold, jane) = gone_before_the_rate(PastRewards::Keep).await;
    assert!(shop.result(&sold).await.contains("base 450 HELD"), "{}", shop.result(&sold).await);
    assert_eq!(shop.balance(jane.id).await, "1250 0 0 0", "3.00, 4.50 and the step");
    shop.assert_verified().await;
}
