use domain::rewards::{RELEASE_BATCH, RewardStatus};

use crate::shop::{Shop, days, percent, release_once, sale};
use domain::terms::DraftTerms;

#[tokio::test]
async fn what_is_held_is_available_when_its_hold_ends() {
    let mut shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    let sold = shop.record(&sale("s", "c", 1_000)).await;
    shop.settle().await;
    let due = shop.world.now + days(30);
    shop.world.pass(days(30) - chrono::TimeDelta::microseconds(1));
    assert_eq!(shop.release().await, 0);
    assert_eq!(shop.balance(jane.id).await, "300 0 0 0");
    shop.world.pass(chrono::TimeDelta::microseconds(1));
    assert_eq!((shop.release().await, shop.release().await), (1, 0));
    let reward = shop.reward_of(&sold).await;
    assert_eq!((reward.status, reward.released_at), (RewardStatus::Available, Some(due)));
    assert_eq!(shop.balance(jane.id).await, "0 300 0 0");
    assert_eq!(shop.world.count("ledger_transfers WHERE reason = 'RELEASED' AND amount = 300").await, 1);
    assert_eq!(shop.world.count("events WHERE kind = 'reward.released'").await, 1);
    shop.assert_verified().await;
}

/// Eight at once share what is due; nobody releases twice, and nobody waits for ever.
#[tokio::test(flavor = "multi_thread")]
async fn releases_at_once_share_what_is_due() {
    let mut shop = Shop::open_with(&DraftTerms { hold_days: 0, ..percent("30") }).await;
    for name in ["jane", "joe", "zoe"] {
        let partner = shop.partner(name).await;
        shop.customer_of(name, &partner).await;
    }
    let names = ["jane", "joe", "zoe"];
    let said: Vec<_> = (0..1_000).map(|n| sale(&format!("s{n}"), names[n % 3], 100)).collect();
    shop.try_record(&said).await.unwrap();
    shop.try_record(&[sale("last", "joe", 100)]).await.unwrap();
    shop.settle().await;
    shop.world.pass(days(1));
    let (db, act) = (shop.pool(8), shop.world.act());
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (db, act) = (db.clone(), act.clone());
            tokio::spawn(async move { release_once(&db, &act).await })
        })
        .collect();
    let mut released = 0;
    for task in tasks {
        let count = task.await.unwrap();
        assert!(i64::try_from(count).unwrap() <= RELEASE_BATCH);
        released += count;
    }
    assert_eq!(released + shop.release().await, 1_001);
    assert_eq!(shop.world.count("rewards WHERE status = 'AVAILABLE'").await, 1_001);
    assert_eq!(shop.world.count("ledger_transfers WHERE reason = 'RELEASED'").await, 1_001);
    assert_eq!(shop.world.count("events WHERE kind = 'reward.released'").await, 1_001);
    assert_eq!(shop.world.count("balances WHERE held = 0 AND available % 30 = 0").await, 3);
    shop.assert_verified().await;
}

/// Those that are computed meanwhile, by the same partners, do not disturb it.
#[tokio::test(flavor = "multi_thread")]
async fn writers_and_releases_take_turns() {
    let shop = Shop::open_with(&DraftTerms { hold_days: 0, ..percent("10") }).await;
    for name in ["jane", "joe"] {
        let partner = shop.partner(name).await;
        shop.customer_of(name, &partner).await;
    }
    let mut tasks = Vec::new();
    for round in 0..20 {
        let said: Vec<_> =
            (0..10).map(|n| sale(&format!("{round}-{n}"), ["jane", "joe"][n % 2], 1_000)).collect();
        shop.try_record(&said).await.unwrap();
        shop.sequence().await;
        let (db, id, act) = (shop.world.db.clone(), shop.program.id, shop.world.act());
        tasks.push(tokio::spawn(async move {
            crate::shop::compute_once(&db, id, &act).await.unwrap();
            release_once(&db, &act).await
        }));
    }
    let mut released = 0;
    for task in tasks {
        released += task.await.unwrap();
    }
    assert_eq!(released + shop.release().await, 200);
    shop.assert_verified().await;
}
