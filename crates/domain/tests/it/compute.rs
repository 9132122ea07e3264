use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use diesel::connection::{Instrumentation, InstrumentationEvent};
use diesel_async::AsyncConnection;
use domain::{
    customers::CustomerUpsert,
    programs::Cursor,
    rewards::Computed,
    terms::{DraftTerms, SelfReferral},
    transactions::{ItemInput, NewTransaction},
};
use money::Currency;
use serde_json::json;

use crate::shop::{Shop, compute_in, customer, days, percent, sale, terms};

#[tokio::test]
async fn a_sale_earns_and_says_how() {
    let shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    let sold = shop.record(&sale("s", "c", 1_005)).await;
    shop.settle().await;
    let reward = shop.reward_of(&sold).await;
    // 301.5 cents, half to even.
    assert_eq!((reward.amount, reward.partner_id, reward.level), (302, Some(jane.id), 0));
    assert_eq!((reward.hold_until, reward.released_at), (shop.world.now + days(30), None));
    assert_eq!(reward.trace().unwrap().unwrap().event.sale.unwrap().net, 1_005);
    assert_eq!(shop.balance(jane.id).await, "302 0 0 0");
    assert_eq!(shop.world.count("ledger_transfers WHERE reason = 'EARNED' AND amount = 302").await, 1);
    assert_eq!(shop.world.count("events WHERE kind = 'reward.created' AND position IS NOT NULL").await, 1);
    assert_eq!(
        shop.compute().await.unwrap(),
        Computed { facts: 0, more: false, stopped: None },
        "nothing is left to do"
    );
    assert_eq!(shop.world.count("rewards").await, 1);
    shop.assert_verified().await;
}

/// A3: what counts is what the partner was when the sale was recorded, not when it is computed.
#[tokio::test]
async fn a_partner_s_state_is_that_at_the_recording() {
    let shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    let mut sales = vec![shop.record(&sale("before", "c", 100)).await];
    shop.suspend(jane.id).await;
    sales.push(shop.record(&sale("meanwhile", "c", 100)).await);
    shop.reinstate(jane.id).await;
    sales.push(shop.record(&sale("after", "c", 100)).await);
    shop.suspend(jane.id).await;
    shop.settle().await;
    // In a later run the writer's own copy says it.
    sales.push(shop.record(&sale("later", "c", 100)).await);
    shop.reinstate(jane.id).await;
    shop.settle().await;
    let mut results = Vec::new();
    for sold in &sales {
        results.push(shop.result(sold).await);
    }
    let (earned, not) = ("base 30 HELD", "PARTNER_NOT_APPROVED");
    assert_eq!(results, [earned, not, earned, not]);
    shop.assert_verified().await;
}

#[tokio::test]
async fn each_gate_gives_its_reason() {
    let shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    let none = json!([]);
    let said = [
        (NewTransaction { rewardable: false, ..sale("a", "c", 100) }, "EXCLUDED"),
        (NewTransaction { discount: "1".parse().unwrap(), ..sale("b", "c", 100) }, "NOTHING_PAID"),
        (sale("d", "organic", 100), "NO_ATTRIBUTION"),
        (NewTransaction { occurred_at: Some(shop.world.now - days(1)), ..sale("e", "c", 100) }, "NO_TERMS"),
        (NewTransaction { currency: Currency::EUR, ..sale("f", "c", 100) }, "RATE_MISSING"),
        (sale("g", "c", 1), "ZERO_AMOUNT"),
    ];
    let mut sales = Vec::new();
    for (said, _) in &said {
        sales.push(shop.record(said).await);
    }
    shop.settle().await;
    for (sold, (_, reason)) in sales.iter().zip(&said) {
        assert_eq!(shop.result(sold).await, *reason);
    }
    shop.publish(&terms(none), Some(shop.world.now + days(1))).await;
    let at = Some(shop.world.now + days(1));
    let ruled_out = shop.record(&NewTransaction { occurred_at: at, ..sale("h", "c", 100) }).await;
    shop.settle().await;
    assert_eq!(shop.result(&ruled_out).await, "NO_RULE_MATCHED");
    assert_eq!(shop.world.count("rewards").await, 0);
    assert_eq!(shop.world.count("ledger_transfers").await, 0);
    shop.assert_verified().await;
}

/// A2: by their addresses, whatever the case and the tag.
#[tokio::test]
async fn nobody_earns_on_their_own_purchase_unless_the_terms_allow_it() {
    for (policy, expected) in [
        (SelfReferral::Reject, "SELF_REFERRAL"),
        (SelfReferral::Review, "base 30 PENDING_REVIEW"),
        (SelfReferral::Allow, "base 30 HELD"),
    ] {
        let shop = Shop::open_with(&DraftTerms { self_referral: policy, ..percent("30") }).await;
        let jane = shop.partner("jane").await;
        let said = CustomerUpsert {
            email: Some("Jane+shop@Example.com".to_owned()),
            touch: Some(domain::attribution::Touch::Partner(jane.id)),
            ..customer(shop.program.id, "c")
        };
        shop.upsert(&said).await.unwrap();
        let sold = shop.record(&sale("s", "c", 100)).await;
        shop.settle().await;
        assert_eq!(shop.result(&sold).await, expected);
        shop.assert_verified().await;
    }
}

/// I4: wherever a run fails, it leaves nothing, and the next one does everything once.
#[tokio::test]
async fn a_run_that_fails_half_way_leaves_nothing() {
    let shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    let sales = [sale("s1", "c", 100), sale("s2", "organic", 100)];
    shop.try_record(&sales).await.unwrap();
    shop.sequence().await;
    let fail = "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'power cut'; END $$";
    shop.world.execute(fail).await;
    let written = [
        ("reward_partners", "INSERT"),
        ("reward_customers", "INSERT"),
        ("evaluations", "INSERT"),
        ("rewards", "INSERT"),
        ("non_rewards", "INSERT"),
        ("ledger_accounts", "INSERT"),
        ("ledger_transfers", "INSERT"),
        ("balances", "INSERT"),
        ("balances", "UPDATE"),
        ("events", "INSERT"),
        ("reward_cursors", "UPDATE"),
    ];
    for (table, verb) in written {
        let trigger = format!("CREATE TRIGGER fail BEFORE {verb} ON {table} EXECUTE FUNCTION fail()");
        shop.world.execute(&trigger).await;
        let failed = shop.compute().await;
        assert!(failed.is_err(), "{table}: {failed:?}");
        shop.world.execute(&format!("DROP TRIGGER fail ON {table}")).await;
        for (left, _) in written.iter().filter(|(table, _)| !["events", "reward_cursors"].contains(table)) {
            assert_eq!(shop.world.count(left).await, 0, "{left} after a failure in {table}");
        }
        assert_eq!(shop.world.count("reward_cursors WHERE position = 0").await, 1);
    }
    // A connection that breaks before the commit is the same.
    let conn = &mut *shop.world.conn().await;
    let _: Result<(), diesel::result::Error> = conn
        .transaction(async |conn| {
            compute_in(conn, shop.program.id, &shop.world.act()).await?;
            Err(diesel::result::Error::RollbackTransaction)
        })
        .await;
    assert_eq!(shop.world.count("evaluations").await, 0);
    shop.settle().await;
    assert_eq!(shop.balance(jane.id).await, "30 0 0 0");
    shop.assert_verified().await;
}

/// What stands before a fact that cannot be computed is done, it is never skipped, and what stands behind it waits.
#[tokio::test]
async fn a_fact_that_cannot_be_computed_stops_its_program() {
    for is_readable in [false, true] {
        let shop = Shop::open().await;
        let jane = shop.partner("jane").await;
        let buyer = shop.customer_of("c", &jane).await;
        let before = shop.record(&sale("before", "c", 100)).await;
        let lost: ids::TransactionId = shop.world.ids.next(shop.world.now);
        let named = json!({ "transactionId": lost, "customerId": buyer.id });
        let payload = if is_readable { named } else { json!({ "transactionId": 7 }) };
        shop.world
            .execute(&format!(
                "INSERT INTO events (id, account_id, program_id, kind, subject, actor, payload, at) SELECT \
                 gen_random_uuid(), account_id, id, 'transaction.recorded', 'trx', 'system', '{payload}', now() FROM programs"
            ))
            .await;
        let behind = shop.record(&sale("behind", "c", 100)).await;
        shop.sequence().await;
        let first = shop.compute().await.unwrap();
        assert!(!first.more && first.stopped.is_some(), "the run that finds it says so, once: {first:?}");
        for _ in 0..2 {
            let later = shop.compute().await.unwrap();
            assert_eq!(
                later,
                Computed { facts: 0, more: false, stopped: None },
                "new facts do not revive it"
            );
        }
        let conn = &mut *shop.world.conn().await;
        let stopped = Cursor::stopped(conn, Some(&shop.scope)).await.unwrap();
        assert_eq!((stopped.count, stopped.oldest), (1, Some(shop.world.now)));
        assert!(Cursor::resume(conn, shop.program.id).await.unwrap(), "a person has looked");
        let again = shop.compute().await.unwrap();
        assert_eq!(again.stopped, first.stopped, "and it stands before the same fact");
        assert_eq!(shop.result(&before).await, "base 30 HELD");
        assert_eq!(shop.result(&behind).await, "");
        let ahead = "events WHERE position > (SELECT position FROM reward_cursors) AND subject =";
        assert_eq!(shop.world.count(&format!("{ahead} 'trx'")).await, 1, "the cursor stands before it");
        assert_eq!(shop.world.count(&format!("{ahead} '{}'", before.id)).await, 0);
        shop.world
            .execute("ALTER TABLE events DISABLE TRIGGER ALL; DELETE FROM events WHERE subject = 'trx'")
            .await;
        Cursor::resume(conn, shop.program.id).await.unwrap();
        let stopped = Cursor::stopped(conn, Some(&shop.scope)).await.unwrap();
        assert_eq!((stopped.count, stopped.oldest), (0, None));
        shop.settle().await;
        assert_eq!(shop.result(&behind).await, "base 30 HELD");
        shop.assert_verified().await;
    }
}

/// Another program's writer goes on meanwhile, and this program's own waits for whoever holds its cursor.
#[tokio::test(flavor = "multi_thread")]
async fn one_writer_at_a_time() {
    let shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    shop.record(&sale("s", "c", 100)).await;
    shop.sequence().await;
    let conn = &mut *shop.world.conn().await;
    let second = conn
        .transaction(async |conn| {
            compute_in(conn, shop.program.id, &shop.world.act()).await?;
            let (db, id, act) = (shop.world.db.clone(), shop.program.id, shop.world.act());
            let second = tokio::spawn(async move { crate::shop::compute_once(&db, id, &act).await });
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            assert!(!second.is_finished());
            Ok::<_, diesel::result::Error>(second)
        })
        .await
        .unwrap();
    assert_eq!(second.await.unwrap().unwrap().facts, 0, "the second finds nothing left");
    assert_eq!(shop.world.count("rewards").await, 1);
}

struct Statements(Arc<AtomicUsize>);

impl Instrumentation for Statements {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A run costs a number of statements that does not grow with its facts.
#[tokio::test]
async fn a_run_takes_as_many_statements_for_one_sale_as_for_hundreds() {
    let shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    for customer in 0..20 {
        shop.customer_of(&format!("c{customer}"), &jane).await;
    }
    shop.record(&sale("first", "c0", 100)).await;
    shop.settle().await;
    let mut counted = Vec::new();
    for (name, count) in [("one", 1), ("many", 480)] {
        let said: Vec<_> =
            (0..count).map(|n| sale(&format!("{name}{n}"), &format!("c{}", n % 20), 100)).collect();
        shop.try_record(&said).await.unwrap();
        shop.sequence().await;
        let statements = Arc::new(AtomicUsize::new(0));
        let conn = &mut *shop.world.conn().await;
        conn.set_instrumentation(Statements(statements.clone()));
        let begun = std::time::Instant::now();
        let computed =
            conn.transaction(async |conn| compute_in(conn, shop.program.id, &shop.world.act()).await).await;
        eprintln!("{count} sales: {:?}", begun.elapsed());
        conn.set_instrumentation(diesel::connection::get_default_instrumentation());
        // A first sale makes its customer active, which is a fact too.
        assert!(computed.unwrap().facts >= count);
        counted.push(statements.load(Ordering::Relaxed));
    }
    assert_eq!(counted[0], counted[1]);
    assert!(counted[1] <= 25, "{counted:?}");
    shop.assert_verified().await;
}

/// What a run holds and writes is bounded, whatever the size of a sale times the number of its rules.
#[tokio::test]
async fn the_largest_sales_under_the_most_rules_are_taken_one_by_one() {
    let rule = |n| {
        json!({ "id": format!("r{n}"), "trigger": "SALE", "beneficiary": "PARTNER", "stacking": "ADD",
            "value": { "type": "PERCENT", "percent": "1" } })
    };
    let shop = Shop::open_with(&terms((0..100).map(rule).collect())).await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    let item = ItemInput { product_id: None, product_type: None, quantity: 1, amount: 1.into() };
    let large =
        |n| NewTransaction { items: vec![item.clone(); 1_000], ..sale(&format!("s{n}"), "c", 100_100) };
    shop.try_record(&[large(0), large(1), sale("small", "c", 100)]).await.unwrap();
    shop.sequence().await;
    let mut sales = Vec::new();
    while shop.compute().await.unwrap().more {
        sales.push(shop.world.count("evaluations WHERE transaction_id IS NOT NULL").await);
    }
    assert_eq!(sales, [0, 1, 2], "what stands before them, one, one, and the last run has no more");
    assert_eq!(shop.world.count("rewards").await, 300);
    assert_eq!(shop.world.count("rewards WHERE length(trace::text) > 1000").await, 0);
    shop.assert_verified().await;
}

/// What is read back from the database is what was computed with: the same in one run and in two.
#[tokio::test]
async fn times_finer_than_the_database_keeps_are_cut_before_they_count() {
    for in_one_run in [true, false] {
        let shop = Shop::open().await;
        let jane = shop.partner("jane").await;
        let nanos = |nanos| Some(shop.world.now + chrono::TimeDelta::nanoseconds(nanos));
        let touch = Some(domain::attribution::Touch::Partner(jane.id));
        let said = CustomerUpsert { touch, signed_up_at: nanos(900), ..customer(shop.program.id, "c") };
        shop.upsert(&said).await.unwrap();
        if !in_one_run {
            shop.settle().await;
        }
        let sold = shop.record(&NewTransaction { occurred_at: nanos(100), ..sale("s", "c", 100) }).await;
        assert_eq!(sold.occurred_at, shop.world.now);
        shop.settle().await;
        assert_eq!(shop.result(&sold).await, "base 30 HELD", "in one run: {in_one_run}");
        let from = nanos(1_900);
        let published = shop.publish(&terms(json!([])), from).await;
        assert_eq!(published.effective_from, nanos(1_000));
        let told = "SELECT payload->>'effectiveFrom' AS line FROM events WHERE kind = 'terms.published' ORDER BY seq DESC";
        assert_eq!(shop.lines(told).await[0].parse().ok(), nanos(1_000));
        shop.assert_verified().await;
    }
}
