//! What the database refuses, whatever the code says (M9, I3, M4).

use crate::shop::{Shop, sale};

async fn rewarded() -> Shop {
    let shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    let item = domain::transactions::ItemInput {
        product_id: None,
        product_type: None,
        quantity: 1,
        amount: 1.into(),
    };
    let items = vec![item];
    shop.record(&domain::transactions::NewTransaction { items, ..sale("s", "c", 1_000) }).await;
    shop.record(&sale("t", "organic", 1_000)).await;
    shop.settle().await;
    shop
}

#[tokio::test]
async fn what_is_called_append_only_is() {
    let shop = rewarded().await;
    for (table, changes) in [
        ("ledger_transfers", &["amount = 1", "at = now()", "reason = 'RELEASED'"][..]),
        ("ledger_accounts", &["currency = 'EUR'"]),
        ("transactions", &["coupon_code = 'x'"]),
        ("transaction_items", &["quantity = 2"]),
        ("non_rewards", &["reason = 'EXCLUDED'"]),
        ("evaluations", &["facts = '{}'", "position = 9"]),
        ("events", &["position = 99", "payload = '{}'", "kind = 'x'", "at = now()", "position = NULL"]),
        ("audit_entries", &["actor = 'me'"]),
        (
            "rewards",
            &[
                "amount = 1",
                "trace = '{}'",
                "rounding = 'UP'",
                "currency = 'EUR'",
                "partner_id = gen_random_uuid()",
                "rule = 'other'",
                "level = 1",
                "transaction_id = gen_random_uuid()",
                "customer_id = gen_random_uuid()",
                "hold_until = now()",
                "event_at = now()",
                "trigger = 'SIGNUP'",
                "source = gen_random_uuid()",
                "beneficiary_customer_id = customer_id",
                "evaluation = 2",
                "lines = '[]'",
                "whole_reversal = true",
                "of_reward = true",
                "step = 1",
                "reason = 'other'",
            ],
        ),
    ] {
        for change in changes {
            let refused = shop.refused(&format!("UPDATE {table} SET {change}")).await;
            assert!(refused.contains("is append-only"), "{table} {change}: {refused}");
        }
        let refused = shop.refused(&format!("DELETE FROM {table}")).await;
        assert!(refused.contains("is append-only"), "{table}: {refused}");
        let refused = shop.refused(&format!("TRUNCATE {table} CASCADE")).await;
        assert!(refused.contains("is append-only"), "{table}: {refused}");
    }
    shop.assert_verified().await;
}

#[tokio::test]
async fn an_event_that_waits_for_its_position_is_fixed_too() {
    let shop = rewarded().await;
    shop.record(&sale("u", "c", 1_000)).await;
    assert_eq!(shop.world.count("events WHERE position IS NULL").await, 1);
    let whose = ["subject = 'x'", "actor = 'x'", "at = now() + interval '1 day'", "program_id = NULL"];
    for change in ["payload = '{}'", "kind = 'x'"].into_iter().chain(whose) {
        let refused = shop.refused(&format!("UPDATE events SET {change} WHERE position IS NULL")).await;
        assert!(refused.contains("is append-only"), "{change}: {refused}");
    }
    let refused = shop.refused("DELETE FROM events WHERE position IS NULL").await;
    assert!(refused.contains("is append-only"));
}

/// A copy of a row with one thing changed.
fn copy(table: &str, changes: &str) -> String {
    format!(
        "INSERT INTO {table} SELECT (jsonb_populate_record(t, \
         jsonb_build_object('id', gen_random_uuid()) || jsonb '{changes}')).* FROM {table} t LIMIT 1"
    )
}

#[tokio::test]
async fn nothing_is_written_twice() {
    let shop = rewarded().await;
    for (table, constraint) in [
        ("rewards", "rewards_once_key"),
        ("non_rewards", "non_rewards_once_key"),
        ("evaluations", "evaluations_source_key"),
        ("transactions", "transactions_key_key"),
        ("customers", "customers_key_key"),
        ("attributions", "attributions_one_active_key"),
        ("ledger_transfers", "ledger_transfers_source_key"),
        ("ledger_accounts", "ledger_accounts_owner_key"),
    ] {
        let refused = shop.refused(&copy(table, "{}")).await;
        assert!(refused.contains(constraint), "{table}: {refused}");
    }
}

#[tokio::test]
async fn nothing_impossible_is_written() {
    let shop = rewarded().await;
    let other = crate::partners::account(&shop.world).await;
    let foreign = {
        use ids::TypedId;
        format!(r#"{{"account_id": "{}", "rule": "x"}}"#, other.account_id.uuid())
    };
    for (table, changes, says) in [
        ("rewards", r#"{"rule": "x", "amount": 0, "net": 0}"#, "rewards_amount_check"),
        ("rewards", r#"{"rule": "x", "amount": -1, "net": -1}"#, "rewards_amount_check"),
        ("rewards", r#"{"rule": "x", "net": 301}"#, "rewards_net_check"),
        ("rewards", r#"{"rule": "x", "status": "REJECTED"}"#, "rewards_net_check"),
        ("rewards", r#"{"rule": "x", "status": "PENDING_REVIEW"}"#, "rewards_review_check"),
        ("rewards", r#"{"rule": "x", "partner_id": null}"#, "rewards_one_beneficiary"),
        ("rewards", r#"{"rule": "x", "trigger": "MANUAL"}"#, "rewards_by_terms_or_by_hand"),
        ("rewards", r#"{"rule": "x", "trigger": "MILESTONE"}"#, "rewards_by_terms_or_by_hand"),
        ("rewards", r#"{"rule": "x", "level": 6}"#, "rewards_level_check"),
        ("rewards", r#"{"rule": "x", "status": "LOST"}"#, "rewards_status_check"),
        ("rewards", foreign.as_str(), "violates foreign key constraint"),
        ("ledger_transfers", r#"{"reason": "RELEASED", "amount": -1}"#, "ledger_transfers_amount_check"),
        (
            "ledger_transfers",
            r#"{"reason": "RELEASED", "currency": "EUR"}"#,
            "violates foreign key constraint",
        ),
        ("ledger_accounts", r#"{"kind": "PAID", "partner_id": null}"#, "ledger_accounts_one_owner"),
        ("ledger_transfers", r#"{"reason": "STOLEN"}"#, "ledger_transfers_reason_check"),
        ("transactions", r#"{"key": "x", "net": 1}"#, "transactions_check"),
        ("transactions", r#"{"key": "x", "gross": -1, "net": -1}"#, "transactions_gross_check"),
    ] {
        let refused = shop.refused(&copy(table, changes)).await;
        assert!(refused.contains(says), "{table} {changes}: {refused}");
    }
    for (change, says) in [
        ("UPDATE balances SET held = -1", "balances_held_check"),
        ("UPDATE balances SET partner_id = NULL", "null value in column \"owner_id\""),
        ("UPDATE balances SET customer_id = (SELECT id FROM customers LIMIT 1)", "balances_one_owner"),
        ("UPDATE ledger_transfers SET credit = debit", "is append-only"),
        ("DELETE FROM transactions", "is append-only"),
        ("DELETE FROM customers", "violates foreign key constraint"),
    ] {
        let refused = shop.refused(change).await;
        assert!(refused.contains(says), "{change}: {refused}");
    }
}
