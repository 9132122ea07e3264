//! Who is judged when, who sees a batch, and what waits for nobody.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use diesel_async::AsyncConnection;
use domain::{
    act::Actor,
    groups::{Group, NewGroup},
    payout_batches::{
        BatchStatus, CancelBatch, ExecuteError, Execution, FreezeBatch, PayoutBatch, Rail, draft_due_batches,
    },
    payout_policies::{PayoutMethodKind, PolicyChanges, ScheduleKind, Whose},
    payouts::{Decision, LeftOut, PayoutStatus},
};
use payout_details::PayoutDetailsInput;

use crate::{
    partners::program,
    paying::{batch, by_paypal, shop, somebody, uuid},
    payout_batches::three,
    shop::Shop,
};

fn weekly() -> PolicyChanges {
    let schedule = Some(Some((ScheduleKind::Weekly, Some(1))));
    PolicyChanges { schedule, four_eyes: Some(Some(true)), ..PolicyChanges::default() }
}

async fn due(shop: &Shop) -> usize {
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    conn.transaction(async |conn| draft_due_batches(conn, &act).await).await.unwrap()
}

async fn drafts(shop: &Shop) -> Vec<PayoutBatch> {
    let mut drafts = Vec::new();
    for id in shop.lines("SELECT id::text AS line FROM payout_batches ORDER BY rail").await {
        drafts.push(shop.batch(ids::TypedId::from_uuid(id.parse().unwrap())).await);
    }
    drafts
}

#[tokio::test]
async fn what_the_schedule_prepared_is_seen_by_two_persons() {
    let (mut shop, _) = three().await;
    shop.policy(Whose::Program(shop.program.id), weekly()).await;
    shop.world.pass(crate::shop::days(7));
    assert_eq!(due(&shop).await, 1);
    let frozen = shop.freeze(drafts(&shop).await[0].id).await;
    assert_eq!(frozen.status, BatchStatus::AwaitingApproval);
    let (approver, other) = (somebody(&shop.world.act()), somebody(&shop.world.act()));
    let conn = &mut *shop.world.conn().await;
    PayoutBatch::approve(conn, &shop.scope, frozen.id, &shop.world.act().by(approver)).await.unwrap();
    let said = |key: &str| Execution {
        batch_id: frozen.id,
        confirmed_total: frozen.total_money(),
        idempotency_key: key.to_owned(),
    };
    let alone = PayoutBatch::execute(conn, &shop.scope, &said("a"), &shop.world.act().by(approver)).await;
    assert!(matches!(alone, Err(ExecuteError::SamePerson)), "{alone:?}");
    let done = PayoutBatch::execute(conn, &shop.scope, &said("b"), &shop.world.act().by(other)).await;
    assert_eq!(done.unwrap().status, BatchStatus::Executing);
}

#[tokio::test]
async fn who_approved_what_a_person_prepared_may_execute_it() {
    let (shop, _) = three().await;
    let eyes = PolicyChanges { four_eyes: Some(Some(true)), ..PolicyChanges::default() };
    shop.policy(Whose::Program(shop.program.id), eyes).await;
    let (preparer, approver) = (somebody(&shop.world.act()), somebody(&shop.world.act()));
    let frozen = shop.frozen(Rail::Manual, preparer).await;
    let act = shop.world.act().by(approver);
    let conn = &mut *shop.world.conn().await;
    PayoutBatch::approve(conn, &shop.scope, frozen.id, &act).await.unwrap();
    let (batch_id, confirmed_total) = (frozen.id, frozen.total_money());
    let said = Execution { batch_id, confirmed_total, idempotency_key: "e".to_owned() };
    PayoutBatch::execute(conn, &shop.scope, &said, &act).await.unwrap();
}

#[tokio::test]
async fn who_is_approved_no_more_is_not_paid_what_was_approved() {
    let (shop, [ann, bob, cat]) = three().await;
    let asked = shop.request(ann, "k").await;
    shop.decide(asked.id, &Decision::Approve).await;
    shop.suspend(ann).await;
    shop.suspend(cat).await;
    let preview = {
        let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
        batch(&shop, Rail::Manual).preview(conn, &shop.scope, &act).await.unwrap()
    };
    assert_eq!(preview.approved, []);
    let left_out: Vec<_> =
        preview.left_out.iter().map(|one| (one.partner_id, one.why, one.available)).collect();
    let why = LeftOut::PartnerNotApproved;
    assert_eq!(left_out, [(ann, why, asked.amount), (cat, why, 200)]);
    let frozen = shop.frozen(Rail::Manual, Actor::System).await;
    let paid: Vec<_> = shop.payouts(frozen.id).await.into_iter().map(|one| one.partner_id).collect();
    assert_eq!(paid, [bob]);
    assert_eq!(shop.payout(asked.id).await.status, PayoutStatus::Approved);
    shop.reinstate(ann).await;
    let next = shop.frozen(Rail::Manual, Actor::System).await;
    assert_eq!((next.payouts, next.total), (1, 1_000));
    shop.assert_verified().await;
}

/// Whoever is being suspended while a batch is frozen is judged by how that ends, also for what was approved.
#[tokio::test(flavor = "multi_thread")]
async fn a_range_judges_partners_after_it_has_locked_them() {
    for has_asked in [false, true] {
        suspended_meanwhile(has_asked).await;
    }
}

async fn suspended_meanwhile(has_asked: bool) {
    let (shop, [ann, ..]) = three().await;
    if has_asked {
        let asked = shop.request(ann, "k").await;
        shop.decide(asked.id, &Decision::Approve).await;
    }
    let (db, shop) = (shop.pool(3), Arc::new(shop));
    let draft = shop.begun(&batch(&shop, Rail::Manual), Actor::System).await;
    let job = FreezeBatch { account_id: shop.scope.account_id, batch_id: draft.id };
    let mut suspending = shop.world.conn().await;
    let freezing = suspending
        .transaction(async |conn| {
            let suspend = format!("UPDATE partners SET status = 'SUSPENDED' WHERE id = '{}'", uuid(ann));
            diesel_async::SimpleAsyncConnection::batch_execute(conn, &suspend).await?;
            let (of, db) = (shop.clone(), db.clone());
            let freezing = tokio::spawn(async move {
                let (conn, act) = (&mut *db.get().await.unwrap(), of.world.act());
                conn.transaction(async |conn| PayoutBatch::freeze_range(conn, &job, &act).await).await
            });
            let waits = "pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
            while shop.world.count(waits).await == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            diesel::QueryResult::Ok(freezing)
        })
        .await
        .unwrap();
    freezing.await.unwrap().unwrap();
    let frozen = shop.freeze(draft.id).await;
    assert_eq!((frozen.status, frozen.payouts, frozen.total), (BatchStatus::Approved, 2, 700));
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_schedule_pays_also_by_what_only_a_partner_or_a_group_is_paid_by() {
    let (mut shop, [ann, bob, _]) = three().await;
    shop.method(ann, by_paypal("ann@example.com")).await;
    shop.method(bob, PayoutDetailsInput::StoreCredit { reference: None }).await;
    let gold = {
        let new = NewGroup { program_id: shop.program.id, name: "Gold".to_owned(), idempotency_key: None };
        let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
        Group::create(conn, &shop.scope, &new, &act).await.unwrap()
    };
    let join = format!("UPDATE partners SET group_id = '{}' WHERE id = '{}'", uuid(gold.id), uuid(bob));
    shop.world.execute(&join).await;
    let by = |kind| Some(Some(vec![kind]));
    let by_hand =
        PolicyChanges { methods: by(PayoutMethodKind::Manual), cooldown_hours: Some(Some(0)), ..weekly() };
    shop.policy(Whose::Program(shop.program.id), by_hand).await;
    let of_ann = PolicyChanges { methods: by(PayoutMethodKind::Paypal), ..PolicyChanges::default() };
    shop.policy(Whose::Partner(ann), of_ann).await;
    let of_gold = PolicyChanges { methods: by(PayoutMethodKind::StoreCredit), ..PolicyChanges::default() };
    shop.policy(Whose::Group(gold.id), of_gold).await;
    shop.world.pass(crate::shop::days(7));
    assert_eq!(due(&shop).await, 1);
    let rails: Vec<Rail> = drafts(&shop).await.into_iter().map(|batch| batch.rail).collect();
    assert_eq!(rails, [Rail::Manual, Rail::PaypalFile, Rail::StoreCredit]);
}

/// A draft that is due comes, whoever saves the policy just before the job does.
#[tokio::test]
async fn saving_a_policy_loses_no_draft_that_is_due() {
    let (mut shop, _) = three().await;
    shop.policy(Whose::Program(shop.program.id), weekly()).await;
    let planned = shop.lines("SELECT next_at::text AS line FROM payout_schedules").await;
    shop.world.pass(crate::shop::days(7));
    let other = PolicyChanges { schedule: Some(Some((ScheduleKind::Monthly, Some(1)))), ..weekly() };
    shop.policy(Whose::Program(shop.program.id), other).await;
    assert_eq!(shop.lines("SELECT next_at::text AS line FROM payout_schedules").await, planned);
    assert_eq!((due(&shop).await, drafts(&shop).await.len()), (1, 1));
    let next = "payout_schedules WHERE extract(day FROM next_at AT TIME ZONE 'UTC') = 1";
    assert_eq!(shop.world.count(next).await, 1, "from then on by the new one");
}

#[tokio::test]
async fn what_is_wrong_with_one_program_does_not_stop_the_drafts_of_others() {
    let (mut shop, _) = three().await;
    shop.policy(Whose::Program(shop.program.id), weekly()).await;
    let other = program(&shop.world, &shop.scope, "Other").await;
    shop.policy(Whose::Program(other.id), weekly()).await;
    let due_at = shop.lines("SELECT min(next_at)::text AS line FROM payout_schedules").await;
    let broken = format!(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$; \
         CREATE TRIGGER refuse BEFORE UPDATE ON payout_schedules FOR EACH ROW \
         WHEN (NEW.program_id = '{}' AND NEW.next_at > OLD.next_at) EXECUTE FUNCTION refuse()",
        uuid(shop.program.id)
    );
    shop.world.execute(&broken).await;
    shop.world.pass(crate::shop::days(7));
    assert_eq!(due(&shop).await, 2);
    let whole = format!("payout_schedules WHERE program_id = '{}' AND retry_at IS NULL", uuid(other.id));
    assert_eq!((shop.world.count(&whole).await, drafts(&shop).await.len()), (1, 0));
    assert_eq!(due(&shop).await, 0);
    shop.world.execute("DROP TRIGGER refuse ON payout_schedules").await;
    shop.world.pass(TimeDelta::hours(1));
    assert_eq!(due(&shop).await, 1, "tried again in an hour");
    let cutoff = shop.lines("SELECT cutoff_at::text AS line FROM payout_batches").await;
    assert_eq!(cutoff, due_at, "and takes no more than it would have taken in time");
}

/// Nobody waits for thousands of rewards to be given back, and no transaction gives back more than it can.
#[tokio::test]
async fn a_large_batch_is_given_back_by_jobs() {
    let mut shop = shop().await;
    for name in ["ann", "bob"] {
        shop.payee(name).await;
    }
    shop.earn(&[("ann", 100), ("bob", 100)]).await;
    let frozen = shop.frozen(Rail::Manual, Actor::System).await;
    shop.world
        .execute("SET session_replication_role = replica; UPDATE payouts SET items = 10001; RESET session_replication_role")
        .await;
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let cancelled = PayoutBatch::cancel(conn, &shop.scope, frozen.id, &act).await.unwrap();
    assert_eq!((cancelled.status, cancelled.cancelled), (BatchStatus::Cancelled, 0));
    assert_eq!(shop.world.count("jobs WHERE kind = 'payouts.cancel_batch'").await, 1);
    let job = CancelBatch { account_id: shop.scope.account_id, batch_id: frozen.id };
    for given_back in [1, 2, 2] {
        conn.transaction(async |conn| PayoutBatch::cancel_range(conn, &job, &act).await).await.unwrap();
        assert_eq!(shop.world.count("payouts WHERE status = 'CANCELLED'").await, given_back);
    }
}
