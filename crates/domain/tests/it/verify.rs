//! Each check can fail: planted corruption is found, and by the check that is meant to find it.

use diesel_async::{AsyncConnection, SimpleAsyncConnection};
use domain::{
    act::Actor,
    payout_batches::Rail,
    payouts::Decision,
    rewards,
    verify::{Finding, verify},
};

use serde_json::json;

use crate::shop::{Shop, days, sale, terms};

/// A partner with two rewards, one of them released, and a sale that earned nothing.
async fn sound() -> Shop {
    let rules = json!([{"id": "base", "trigger": "SALE", "beneficiary": "PARTNER",
        "value": {"type": "PERCENT", "percent": "30"}, "caps": {"perCustomer": "1000"},
        "tiers": {"metric": "SALES", "steps": [{"from": "100", "value": {"type": "PERCENT", "percent": "40"}}]}}]);
    let mut shop = Shop::open_with(&terms(rules)).await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    shop.record(&sale("s1", "c", 1_000)).await;
    shop.settle().await;
    shop.fold().await;
    shop.world.pass(days(31));
    shop.release().await;
    let bob = shop.payee("bob").await;
    shop.earn(&[("bob", 2_000)]).await;
    let payout = shop.request(bob, "k").await;
    shop.decide(payout.id, &Decision::Approve).await;
    let batch = shop.frozen(Rail::Manual, Actor::System).await;
    shop.executed(batch.id).await;
    shop.fold().await;
    shop.record(&sale("s2", "c", 1_000)).await;
    shop.record(&sale("s3", "organic", 1_000)).await;
    shop.settle().await;
    shop.world.pass(days(1));
    shop.assert_verified().await;
    shop
}

/// What is broken, and the check that finds it.
const PLANTED: &[(&str, &str)] = &[
    ("UPDATE balances SET held = held + 1", "V1"),
    ("UPDATE balances SET held = held - 1, available = available + 1 WHERE held > 0", "V1"),
    ("DELETE FROM balances", "V1"),
    ("DELETE FROM ledger_transfers WHERE reason = 'RELEASED'", "V1"),
    ("UPDATE ledger_transfers SET amount = amount + 1 WHERE reason = 'EARNED'", "V1"),
    ("UPDATE rewards SET status = 'REJECTED', net = 0 WHERE status = 'HELD'", "V1"),
    ("UPDATE rewards SET status = 'REVERSED', net = 0 WHERE status = 'AVAILABLE'", "V1"),
    ("UPDATE rewards SET status = 'AVAILABLE' WHERE status = 'HELD'", "V1"),
    ("UPDATE rewards SET released_at = now(), released_net = net WHERE status = 'HELD'", "V1"),
    ("UPDATE rewards SET net = net - 1", "V1"),
    (
        "INSERT INTO reversals (id, account_id, program_id, reward_id, kind, amount, cause, after_release, created_at) \
         SELECT gen_random_uuid(), account_id, program_id, id, 'REVERSAL', 1, 'VOID', false, now() FROM rewards",
        "V1",
    ),
    (
        "INSERT INTO redemptions (id, account_id, program_id, partner_id, key, currency, amount, available_after, reason, \
         fingerprint, created_at) SELECT gen_random_uuid(), account_id, program_id, partner_id, 'k', 'points', 1, 0, 'r', \
         '', now() FROM rewards LIMIT 1",
        "V1",
    ),
    ("UPDATE rewards SET amount = amount + 1", "V2"),
    ("UPDATE rewards SET currency = 'EUR'", "V2"),
    ("UPDATE rewards SET hold_until = now()", "V2"),
    ("UPDATE rewards SET terms_id = gen_random_uuid()", "V2"),
    ("UPDATE rewards SET status = 'PENDING_REVIEW', under_review = true WHERE status = 'HELD'", "V2"),
    ("DELETE FROM evaluations", "V2"),
    ("UPDATE rewards SET rule = 'other'", "V2"),
    ("DELETE FROM rewards WHERE status = 'HELD'", "V2"),
    ("DELETE FROM non_rewards", "V2"),
    ("UPDATE non_rewards SET reason = 'EXCLUDED'", "V2"),
    ("UPDATE evaluations SET facts = jsonb_set(facts, '{sale,lines,0,amount}', '7')", "V2"),
    ("UPDATE evaluations SET facts = '{}'", "V2"),
    ("UPDATE evaluations SET terms_id = NULL", "V2"),
    ("UPDATE terms SET rules = '[]'", "V2"),
    ("UPDATE payouts SET amount = amount + 1", "V4"),
    ("UPDATE payouts SET currency = 'EUR'", "V4"),
    ("UPDATE payouts SET status = 'PAID' WHERE status = 'SENDING'", "V4"),
    ("UPDATE payouts SET batch_id = NULL, status = 'APPROVED' WHERE status = 'SENDING'", "V4"),
    ("UPDATE payouts SET method_id = gen_random_uuid()", "V4"),
    ("UPDATE payout_items SET amount = amount + 1", "V4"),
    ("UPDATE payout_items SET released_at = now()", "V4"),
    ("DELETE FROM payout_items", "V4"),
    ("UPDATE payout_batches SET total = total + 1", "V4"),
    ("UPDATE payout_batches SET paid = 1", "V4"),
    ("DELETE FROM ledger_transfers WHERE reason = 'RESERVED'", "V4"),
    ("UPDATE rewards SET status = 'AVAILABLE' WHERE status = 'RESERVED'", "V4"),
    ("UPDATE rewards SET status = 'PAID' WHERE status = 'RESERVED'", "V4"),
    ("DELETE FROM evaluations", "V3"),
    ("UPDATE program_days SET sales = sales + 1", "V13"),
    ("UPDATE program_hours SET revenue = revenue - 1", "V13"),
    ("UPDATE partner_days SET signups = 0", "V13"),
    ("UPDATE partner_days SET day = day - 1", "V13"),
    ("UPDATE stat_deltas SET rewards = rewards + 1", "V13"),
    ("DELETE FROM stat_deltas", "V13"),
    ("DELETE FROM customers WHERE key = 'organic'", "V13"),
    ("UPDATE reward_tallies SET sales = sales + 1", "V14"),
    ("UPDATE reward_live_sales SET sales = 0", "V14"),
    ("UPDATE reward_spending SET net = net - 1", "V14"),
    ("DELETE FROM reward_tallies", "V14"),
    ("UPDATE reward_cursors SET budget_spent = budget_spent + 1", "V14"),
    (
        "INSERT INTO jobs (id, queue, kind, args, state, run_at, max_attempts, created_at, lease_token, lease_until) \
         VALUES (gen_random_uuid(), 'rewards', 'x', '{}', 'running', now(), 1, now(), gen_random_uuid(), '2026-01-01')",
        "V10",
    ),
    (
        "INSERT INTO job_history (id, queue, kind, args, priority, state, run_at, attempt, max_attempts, crashes_alone, \
         errors, created_at, finished_at) SELECT id, queue, kind, args, priority, 'dead', run_at, 1, max_attempts, 0, \
         '[]', created_at, now() FROM jobs",
        "V10",
    ),
];

#[tokio::test]
async fn planted_corruption_is_found() {
    let shop = sound().await;
    for &(planted, check) in PLANTED {
        let found = found_with(&shop, planted).await;
        let failed: Vec<_> =
            found.iter().filter(|one| !one.violations.is_empty()).map(|one| one.check).collect();
        assert!(failed.contains(&check), "{planted}: {failed:?}");
    }
    shop.assert_verified().await;
}

/// Counters that are wrong are counted anew, in a program of any rules; no reward changes.
#[tokio::test]
async fn wrong_counters_are_mended() {
    for shop in [sound().await, simple().await] {
        let rewards = "SELECT id || ' ' || net || ' ' || status AS line FROM rewards ORDER BY id";
        let before = shop.lines(rewards).await;
        let plant = "UPDATE reward_tallies SET sales = sales + 1; UPDATE reward_spending SET net = net - 1; \
            UPDATE reward_cursors SET budget_spent = budget_spent + 1";
        shop.world.conn().await.batch_execute(plant).await.unwrap();
        assert!(shop.violations().await.iter().all(|line| line.starts_with("V14")));
        assert!(!shop.violations().await.is_empty());
        let (act, conn) = (shop.world.act(), &mut *shop.world.conn().await);
        rewards::count_anew(conn, shop.program.id, &act).await.unwrap();
        shop.assert_verified().await;
        assert_eq!(shop.lines(rewards).await, before);
        assert_eq!(shop.world.count("audit_entries WHERE action = 'rewardsCountAnew'").await, 1);
        let nobody = act.ids.next(act.now);
        let refused = rewards::count_anew(conn, nobody, &act).await;
        assert!(matches!(refused, Err(rewards::CountError::NotFound)), "{refused:?}");
    }
}

/// A program whose rules look back on nothing.
async fn simple() -> Shop {
    let shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    shop.record(&sale("s1", "c", 1_000)).await;
    shop.settle().await;
    shop.fold().await;
    shop.assert_verified().await;
    shop
}

/// What is found while this is planted; it is rolled back.
async fn found_with(shop: &Shop, planted: &str) -> Vec<Finding> {
    let sql = format!("SET LOCAL session_replication_role = replica; {planted}");
    let (conn, mut found) = (&mut *shop.world.conn().await, Vec::new());
    let rolled_back: Result<(), diesel::result::Error> = conn
        .transaction(async |conn| {
            conn.batch_execute(&sql).await?;
            found = verify(conn, shop.world.now).await?;
            Err(diesel::result::Error::RollbackTransaction)
        })
        .await;
    assert!(matches!(rolled_back, Err(diesel::result::Error::RollbackTransaction)), "{rolled_back:?}");
    found
}

/// A sale that is not answered yet is late after a minute.
#[tokio::test]
async fn a_sale_without_an_answer_is_late_after_a_minute() {
    let mut shop = sound().await;
    shop.record(&sale("s4", "c", 1_000)).await;
    shop.world.pass(chrono::TimeDelta::seconds(60));
    shop.assert_verified().await;
    shop.world.pass(chrono::TimeDelta::microseconds(1));
    let violations = shop.violations().await;
    assert_eq!(violations.len(), 1);
    assert!(violations[0].starts_with("V3: 1 sales of program"), "{violations:?}");
}
