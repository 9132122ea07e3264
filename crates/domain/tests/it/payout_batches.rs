//! Batches: what they take, who approves, what is sent, and how they end.

use diesel_async::AsyncConnection;
use domain::{
    act::Actor,
    payout_batches::{
        ApproveError, BatchOrigin, BatchStatus, CancelError, ExecuteError, Execution, HandError, NewBatch,
        PayoutBatch, Rail, RetryError, Settlement, draft_due_batches, settle_by_hand,
    },
    payout_policies::{PolicyChanges, ScheduleKind, Whose},
    payouts::{Decision, LeftOut, PayoutStatus},
    rewards::ReversalCause,
};
use ids::{PayoutId, RewardId};
use money::Money;
use rust_decimal::Decimal;

use crate::{
    paying::{self, again, batch, by_paypal, failed, paid, shop, somebody},
    reverse::change_in,
    shop::Shop,
};

/// Three partners with 10, 5 and 2 dollars.
pub async fn three() -> (Shop, [ids::PartnerId; 3]) {
    let mut shop = shop().await;
    let partners = [shop.payee("ann").await, shop.payee("bob").await, shop.payee("cat").await];
    shop.earn(&[("ann", 1_000), ("bob", 500), ("cat", 200)]).await;
    (shop, partners)
}

pub async fn ready() -> (Shop, [ids::PartnerId; 3], PayoutBatch) {
    let (shop, partners) = three().await;
    let batch = shop.frozen(Rail::Manual, Actor::System).await;
    (shop, partners, batch)
}

#[tokio::test]
async fn a_batch_takes_approved_payouts_as_they_are_and_reserves_for_the_others() {
    let (mut shop, [ann, bob, cat]) = three().await;
    let asked = shop.request(ann, "k").await;
    shop.decide(asked.id, &Decision::Approve).await;
    let waits = shop.request(bob, "k2").await;
    shop.earn(&[("ann", 50)]).await;
    let preview = {
        let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
        batch(&shop, Rail::Manual).preview(conn, &shop.scope, &act).await.unwrap()
    };
    assert_eq!(preview.approved.iter().map(|one| one.amount).collect::<Vec<_>>(), [1_000]);
    let frozen = shop.frozen(Rail::Manual, Actor::System).await;
    assert_eq!((frozen.status, frozen.payouts, frozen.total), (BatchStatus::Approved, 3, 1_250));
    let made = shop.payouts(frozen.id).await;
    let said: Vec<_> = preview.made.iter().map(|one| (one.partner_id, one.amount, one.items)).collect();
    let is: Vec<_> =
        made.iter().filter(|one| one.by_batch).map(|one| (one.partner_id, one.amount, one.items)).collect();
    assert_eq!(is, said, "what was shown is what is frozen");
    assert_eq!(shop.balance(ann).await, "0 0 1050 0");
    assert_eq!(shop.balance(cat).await, "0 0 200 0");
    assert_eq!(shop.payout(waits.id).await.status, PayoutStatus::Requested, "nobody has approved it");
    assert!(frozen.content_hash.is_some());
    let refused = shop.refused("UPDATE payout_batches SET total = total + 1").await;
    assert!(refused.contains("payout_batches"), "{refused}");
    for table in ["payouts SET amount = amount + 1", "payout_items SET amount = amount + 1"] {
        shop.refused(&format!("UPDATE {table}")).await;
    }
    shop.assert_verified().await;
}

#[tokio::test]
async fn paid_and_failed_payouts_end_the_batch_and_failed_ones_are_tried_again() {
    let (shop, [ann, bob, cat], frozen) = ready().await;
    let executing = shop.executed(frozen.id).await;
    assert_eq!(executing.status, BatchStatus::Executing);
    let [first, second, third] = &shop.payouts(frozen.id).await[..] else { panic!() };
    assert!([first, second, third].iter().all(|one| one.status == PayoutStatus::Sending));
    for _ in 0..2 {
        assert_eq!(shop.ended(first.id, paid()).await.status, PayoutStatus::Paid, "the same news twice");
        let ended = shop.ended(second.id, failed()).await;
        assert_eq!((ended.status, ended.failure_code.as_deref()), (PayoutStatus::Failed, Some("CLOSED")));
    }
    assert_eq!(shop.batch(frozen.id).await.status, BatchStatus::Executing);
    shop.ended(third.id, paid()).await;
    let ended = shop.batch(frozen.id).await;
    assert_eq!((ended.status, ended.paid, ended.failed), (BatchStatus::PartlyFailed, 2, 1));
    assert_eq!(
        [shop.balance(ann).await, shop.balance(bob).await, shop.balance(cat).await],
        ["0 0 0 1000", "0 500 0 0", "0 0 0 200"]
    );
    shop.assert_verified().await;
    let eyes = |four| PolicyChanges { four_eyes: Some(Some(four)), ..PolicyChanges::default() };
    let mut retry = None;
    // What the policy says of four eyes when it is tried again holds, not what it said of the batch that failed.
    for (key, four) in [("r-four", true), ("r", false)] {
        shop.policy(Whose::Program(shop.program.id), eyes(four)).await;
        let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
        let tried = PayoutBatch::retry(conn, &shop.scope, again(frozen.id, key), &act).await.unwrap();
        let again = shop.freeze(tried.id).await;
        let status = if four { BatchStatus::AwaitingApproval } else { BatchStatus::Approved };
        assert_eq!(again.status, status);
        if four {
            shop.cancelled(again.id).await
        } else {
            retry.insert(again).clone()
        };
    }
    let retry = retry.unwrap();
    assert_eq!((retry.origin, retry.payouts, retry.total), (BatchOrigin::Retry, 1, 500));
    assert_eq!(shop.payouts(retry.id).await[0].retry_of, Some(second.id));
    shop.executed(retry.id).await;
    let again = shop.payouts(retry.id).await[0].id;
    shop.ended(again, paid()).await;
    assert_eq!(shop.batch(retry.id).await.status, BatchStatus::Completed);
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let none = PayoutBatch::retry(conn, &shop.scope, paying::again(retry.id, "r2"), &act).await;
    assert!(matches!(none, Err(RetryError::WrongState { current: BatchStatus::Completed })), "{none:?}");
    shop.assert_verified().await;
}

/// A bank gives it back after days: it is available again, and the debt of a refund meanwhile is taken off.
#[tokio::test]
async fn what_was_paid_may_come_back() {
    let (shop, [ann, ..], frozen) = ready().await;
    shop.executed(frozen.id).await;
    for payout in shop.payouts(frozen.id).await {
        shop.ended(payout.id, paid()).await;
    }
    assert_eq!(shop.batch(frozen.id).await.status, BatchStatus::Completed);
    let reward = shop.lines("SELECT id::text AS line FROM rewards ORDER BY id").await.remove(0);
    let reward: RewardId = ids::TypedId::from_uuid(reward.parse().unwrap());
    change_in(&shop, &[(reward, 900)], ReversalCause::Refund).await.unwrap();
    assert_eq!(shop.balance(ann).await, "0 -100 0 1000");
    let of_ann = shop.payouts(frozen.id).await.into_iter().find(|one| one.partner_id == ann).unwrap();
    assert_eq!(shop.ended(of_ann.id, failed()).await.status, PayoutStatus::Returned);
    assert_eq!(shop.ended(of_ann.id, paid()).await.status, PayoutStatus::Returned, "old news");
    assert_eq!(shop.balance(ann).await, "0 900 0 0");
    let batch = shop.batch(frozen.id).await;
    assert_eq!((batch.status, batch.paid, batch.failed), (BatchStatus::PartlyFailed, 2, 1));
    shop.assert_verified().await;
    assert_eq!(shop.request(ann, "again").await.amount, 900);
    shop.assert_verified().await;
}

#[tokio::test]
async fn with_four_eyes_nobody_approves_what_they_have_prepared() {
    let (shop, _) = three().await;
    let four_eyes = PolicyChanges { four_eyes: Some(Some(true)), ..PolicyChanges::default() };
    shop.policy(Whose::Program(shop.program.id), four_eyes).await;
    let (preparer, other) = (somebody(&shop.world.act()), somebody(&shop.world.act()));
    let frozen = shop.frozen(Rail::Manual, preparer).await;
    assert_eq!(frozen.status, BatchStatus::AwaitingApproval);
    let conn = &mut *shop.world.conn().await;
    let said = Execution {
        batch_id: frozen.id,
        confirmed_total: frozen.total_money(),
        idempotency_key: "e".to_owned(),
    };
    let early = PayoutBatch::execute(conn, &shop.scope, &said, &shop.world.act()).await;
    assert!(
        matches!(early, Err(ExecuteError::WrongState { current: BatchStatus::AwaitingApproval })),
        "{early:?}"
    );
    let own = PayoutBatch::approve(conn, &shop.scope, frozen.id, &shop.world.act().by(preparer)).await;
    assert!(matches!(own, Err(ApproveError::SamePerson)), "{own:?}");
    let approved =
        PayoutBatch::approve(conn, &shop.scope, frozen.id, &shop.world.act().by(other)).await.unwrap();
    assert_eq!((approved.status, approved.approved_by), (BatchStatus::Approved, Some(other.to_string())));
    let wrong = Execution { confirmed_total: Money::new(1_699, frozen.currency), ..said.clone() };
    let refused = PayoutBatch::execute(conn, &shop.scope, &wrong, &shop.world.act()).await;
    assert!(
        matches!(refused, Err(ExecuteError::TotalMismatch { total }) if total.minor() == 1_700),
        "{refused:?}"
    );
    let done = PayoutBatch::execute(conn, &shop.scope, &said, &shop.world.act()).await.unwrap();
    assert_eq!(done.status, BatchStatus::Executing);
    PayoutBatch::execute(conn, &shop.scope, &said, &shop.world.act()).await.unwrap();
    assert_eq!(shop.world.count("events WHERE kind = 'payout_batch.executed'").await, 1, "one effect");
    let other_key = Execution { idempotency_key: "e2".to_owned(), ..said };
    let again = PayoutBatch::execute(conn, &shop.scope, &other_key, &shop.world.act()).await;
    assert!(matches!(again, Err(ExecuteError::WrongState { current: BatchStatus::Executing })), "{again:?}");
}

#[tokio::test]
async fn a_cancelled_batch_gives_everything_back() {
    let (shop, [ann, ..], frozen) = ready().await;
    let cancelled = shop.cancelled(frozen.id).await;
    assert_eq!((cancelled.status, cancelled.cancelled), (BatchStatus::Cancelled, 3));
    assert_eq!(shop.balance(ann).await, "0 1000 0 0");
    assert_eq!(shop.world.count("payouts WHERE status = 'CANCELLED'").await, 3);
    shop.assert_verified().await;
    let next = shop.frozen(Rail::Manual, Actor::System).await;
    assert_eq!(next.total, 1_700);
    shop.executed(next.id).await;
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let late = PayoutBatch::cancel(conn, &shop.scope, next.id, &act).await;
    assert!(matches!(late, Err(CancelError::WrongState { current: BatchStatus::Executing })), "{late:?}");
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_preview_says_who_is_left_out_and_why() {
    let (shop, [ann, bob, cat]) = three().await;
    shop.method(ann, by_paypal("ann@example.com")).await;
    let minimum = PolicyChanges { minimum: Some(Some(Decimal::new(300, 2))), ..PolicyChanges::default() };
    shop.policy(Whose::Program(shop.program.id), minimum).await;
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let preview = batch(&shop, Rail::Manual).preview(conn, &shop.scope, &act).await.unwrap();
    let left_out: Vec<_> = preview.left_out.iter().map(|one| (one.partner_id, one.why)).collect();
    assert_eq!(left_out, [(ann, LeftOut::MethodOfAnotherBatch), (cat, LeftOut::BelowMinimum)]);
    assert_eq!(preview.made.iter().map(|one| (one.partner_id, one.amount)).collect::<Vec<_>>(), [(bob, 500)]);
    assert_eq!(shop.world.count("payouts").await, 0);
}

/// The oldest rewards are taken as long as they fit; what is owed is taken off first.
#[tokio::test]
async fn a_maximum_takes_the_oldest_rewards_that_fit() {
    let mut shop = shop().await;
    let ann = shop.payee("ann").await;
    shop.earn(&[("ann", 600), ("ann", 500), ("ann", 100)]).await;
    let maximum =
        PolicyChanges { maximum_per_batch: Some(Some(Decimal::new(1_000, 2))), ..PolicyChanges::default() };
    shop.policy(Whose::Partner(ann), maximum).await;
    let frozen = shop.frozen(Rail::Manual, Actor::System).await;
    assert_eq!((frozen.payouts, frozen.total), (1, 600), "not the third: the order of ages is kept");
    let next = shop.frozen(Rail::Manual, Actor::System).await;
    assert_eq!(next.total, 600);
    assert_eq!(shop.balance(ann).await, "0 0 1200 0");
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_reward_above_the_maximum_keeps_no_other_behind() {
    let mut shop = shop().await;
    let ann = shop.payee("ann").await;
    shop.earn(&[("ann", 1_500), ("ann", 400), ("ann", 300)]).await;
    let maximum =
        PolicyChanges { maximum_per_batch: Some(Some(Decimal::new(1_000, 2))), ..PolicyChanges::default() };
    shop.policy(Whose::Partner(ann), maximum).await;
    assert_eq!(shop.frozen(Rail::Manual, Actor::System).await.total, 700);
    assert_eq!(shop.balance(ann).await, "0 1500 700 0");
    shop.assert_verified().await;
}

#[tokio::test]
async fn store_credit_is_paid_as_soon_as_it_is_sent() {
    let mut shop = shop().await;
    let ann = shop.payee("ann").await;
    let details = payout_details::PayoutDetailsInput::StoreCredit { reference: None };
    shop.method(ann, details).await;
    shop.earn(&[("ann", 600)]).await;
    let frozen = shop.frozen(Rail::StoreCredit, Actor::System).await;
    let ended = shop.executed(frozen.id).await;
    assert_eq!((ended.status, ended.paid), (BatchStatus::Completed, 1));
    assert_eq!(shop.balance(ann).await, "0 0 0 600");
    shop.assert_verified().await;
}

#[tokio::test]
async fn people_settle_what_no_provider_tells_of() {
    let (shop, _, frozen) = ready().await;
    shop.executed(frozen.id).await;
    let payouts = shop.payouts(frozen.id).await;
    let settlement = |payout_id: PayoutId, verdict| Settlement { payout_id, verdict };
    let all: Vec<_> = payouts.iter().map(|one| settlement(one.id, paid())).collect();
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    for _ in 0..2 {
        let settled = settle_by_hand(conn, &shop.scope, &all, &act).await.unwrap();
        assert!(settled.iter().all(|one| one.status == PayoutStatus::Paid));
    }
    assert_eq!(shop.world.count("ledger_transfers WHERE reason = 'PAID'").await, 3);
    let unknown = settlement(act.ids.next(act.now), paid());
    assert!(matches!(settle_by_hand(conn, &shop.scope, &[unknown], &act).await, Err(HandError::NotFound(_))));
    let sql = "UPDATE payout_batches SET rail = 'PAYPAL'";
    shop.world
        .execute(&format!("SET session_replication_role = replica; {sql}; RESET session_replication_role"))
        .await;
    let told = settle_by_hand(conn, &shop.scope, &[settlement(payouts[0].id, failed())], &act).await;
    assert!(matches!(told, Err(HandError::ToldByProvider { rail: Rail::Paypal, .. })), "{told:?}");
    // A month after it was asked last, the provider tells nothing more.
    let sql = "INSERT INTO payout_attempts (id, account_id, submission_id, number, outcome, started_at, asked_at, finished_at) \
               SELECT gen_random_uuid(), account_id, id, 1, 'UNKNOWN', created_at - interval '30 days', created_at - interval '30 days', created_at FROM payout_submissions";
    shop.world.execute(sql).await;
    let told = settle_by_hand(conn, &shop.scope, &[settlement(payouts[0].id, failed())], &act).await;
    assert_eq!(told.unwrap()[0].status, PayoutStatus::Returned);
}

#[tokio::test]
async fn a_schedule_makes_a_draft_for_each_kind_of_method() {
    let (mut shop, [ann, ..]) = three().await;
    shop.method(ann, by_paypal("ann@example.com")).await;
    let weekly = PolicyChanges {
        schedule: Some(Some((ScheduleKind::Weekly, Some(1)))),
        cooldown_hours: Some(Some(0)),
        ..PolicyChanges::default()
    };
    shop.policy(Whose::Program(shop.program.id), weekly).await;
    let due = async |shop: &Shop| {
        let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
        conn.transaction(async |conn| draft_due_batches(conn, &act).await).await.unwrap()
    };
    assert_eq!(due(&shop).await, 0);
    shop.world.pass(crate::shop::days(7));
    assert_eq!(due(&shop).await, 1);
    assert_eq!(due(&shop).await, 0, "once for each time");
    let drafts = shop.lines("SELECT rail || ' ' || origin AS line FROM payout_batches ORDER BY rail").await;
    assert_eq!(drafts, ["MANUAL SCHEDULE", "PAYPAL_FILE SCHEDULE"]);
    let ids = shop.lines("SELECT id::text AS line FROM payout_batches ORDER BY rail").await;
    for (id, total) in ids.iter().zip([700, 1_000]) {
        assert_eq!(shop.freeze(ids::TypedId::from_uuid(id.parse().unwrap())).await.total, total);
    }
    shop.world.pass(crate::shop::days(7));
    assert_eq!(due(&shop).await, 1);
    assert_eq!(shop.world.count("payout_batches").await, 2, "nothing is left to pay");
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_batch_of_nothing_ends_at_once() {
    let shop = shop().await;
    let empty = shop.frozen(Rail::Manual, Actor::System).await;
    assert_eq!((empty.status, empty.payouts), (BatchStatus::Cancelled, 0));
    let wrong = NewBatch { rail: Rail::SepaFile, ..batch(&shop, Rail::Manual) };
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let refused = PayoutBatch::create(conn, &shop.scope, &wrong, "k", &act).await;
    assert!(refused.is_err(), "dollars do not travel by SEPA");
    shop.assert_verified().await;
}
