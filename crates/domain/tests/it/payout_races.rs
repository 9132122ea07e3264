//! Everything that pays runs against itself: nothing is taken twice, and nothing is lost.

use std::sync::Arc;

use diesel_async::AsyncConnection;
use domain::{
    act::Actor,
    page::PageArgs,
    payout_batches::{ExecuteBatch, Execution, FreezeBatch, PayoutBatch, Rail, Settlement, settle},
    payouts::{Payout, PayoutFilter},
    rewards::ReversalCause,
};
use ids::RewardId;

use crate::{
    paying::{batch, failed, paid, request, shop},
    reverse::change_in,
    shop::Shop,
};

/// Four partners with eight rewards of a dollar each.
async fn rich() -> Shop {
    let mut shop = shop().await;
    let names = ["ann", "bob", "cat", "dan"];
    for name in names {
        shop.payee(name).await;
    }
    let sales: Vec<_> = (0..32).map(|number| (names[number % 4], 100)).collect();
    shop.earn(&sales).await;
    shop
}

async fn reserved(shop: &Shop) -> String {
    shop.lines("SELECT concat_ws(' ', sum(available), sum(reserved), sum(paid)) AS line FROM balances")
        .await
        .remove(0)
}

/// Requests, batches and refunds of the same money, all at once.
#[tokio::test(flavor = "multi_thread")]
async fn requests_batches_and_refunds_at_once_take_each_reward_once() {
    let shop = Arc::new(rich().await);
    let partners = shop.lines("SELECT id::text AS line FROM partners").await;
    let rewards = shop.lines("SELECT id::text AS line FROM rewards ORDER BY id").await;
    let db = shop.pool(30);
    let mut tasks = Vec::new();
    for (number, partner) in partners.iter().cycle().take(12).enumerate() {
        let (shop, db) = (shop.clone(), db.clone());
        let partner = ids::TypedId::from_uuid(partner.parse().unwrap());
        tasks.push(tokio::spawn(async move {
            let said = request(partner, &format!("k{number}"));
            _ = Payout::request(&mut db.get().await.unwrap(), &shop.scope, &said, &shop.world.act()).await;
        }));
    }
    for _ in 0..6 {
        let (shop, db) = (shop.clone(), db.clone());
        tasks.push(tokio::spawn(async move {
            let draft = shop.begun(&batch(&shop, Rail::Manual), Actor::System).await;
            let job = FreezeBatch { account_id: shop.scope.account_id, batch_id: draft.id };
            for _ in 0..3 {
                let (conn, act) = (&mut *db.get().await.unwrap(), shop.world.act());
                conn.transaction(async |conn| PayoutBatch::freeze_range(conn, &job, &act).await)
                    .await
                    .unwrap();
            }
        }));
    }
    for reward in rewards.iter().step_by(3) {
        let shop = shop.clone();
        let reward: RewardId = ids::TypedId::from_uuid(reward.parse().unwrap());
        tasks.push(tokio::spawn(async move {
            change_in(&shop, &[(reward, 40)], ReversalCause::Refund).await.unwrap();
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    shop.assert_verified().await;
    let left = reserved(&shop).await;
    let [available, reserved, paid]: [i64; 3] =
        left.split(' ').map(|one| one.parse().unwrap()).collect::<Vec<_>>().try_into().unwrap();
    assert_eq!((available + reserved, paid), (3_200 - 11 * 60, 0));
}

/// Ten threads freeze, execute and settle the same batch.
#[tokio::test(flavor = "multi_thread")]
async fn ten_threads_run_the_same_batch_and_each_payout_is_paid_once() {
    let shop = Arc::new(rich().await);
    let draft = shop.begun(&batch(&shop, Rail::Manual), Actor::System).await;
    let db = shop.pool(30);
    let run = |number: usize| {
        let (shop, db, id) = (shop.clone(), db.clone(), draft.id);
        tokio::spawn(async move {
            let (conn, act) = (&mut *db.get().await.unwrap(), shop.world.act());
            let (account_id, scope) = (shop.scope.account_id, &shop.scope);
            let freeze = FreezeBatch { account_id, batch_id: id };
            let execute = ExecuteBatch { account_id, batch_id: id };
            for _ in 0..3 {
                conn.transaction(async |conn| PayoutBatch::freeze_range(conn, &freeze, &act).await)
                    .await
                    .unwrap();
            }
            let confirmed_total = shop.batch(id).await.total_money();
            let said = Execution { batch_id: id, confirmed_total, idempotency_key: format!("k{number}") };
            _ = PayoutBatch::execute(conn, scope, &said, &act).await;
            for _ in 0..3 {
                conn.transaction(async |conn| PayoutBatch::execute_range(conn, &execute, &act).await)
                    .await
                    .unwrap();
            }
            let filter = PayoutFilter { batches: vec![id], ..PayoutFilter::default() };
            let all = Payout::list(conn, scope, &filter, PageArgs::new(100, None)).await.unwrap().rows;
            let said: Vec<_> = all
                .iter()
                .enumerate()
                .map(|(at, one)| Settlement {
                    payout_id: one.id,
                    verdict: if at == 0 { failed() } else { paid() },
                })
                .collect();
            conn.transaction(async |conn| settle(conn, account_id, &said, &act).await).await.unwrap();
        })
    };
    let threads: Vec<_> = (0..10).map(run).collect();
    for thread in threads {
        thread.await.unwrap();
    }
    shop.assert_verified().await;
    assert_eq!(reserved(&shop).await, "800 0 2400");
    assert_eq!(shop.world.count("payouts").await, 4);
    assert_eq!(shop.world.count("ledger_transfers WHERE reason = 'PAID'").await, 3);
    assert_eq!(shop.world.count("events WHERE kind = 'payout_batch.executed'").await, 1);
    assert_eq!(shop.world.count("events WHERE kind = 'payout_batch.completed'").await, 1);
}
