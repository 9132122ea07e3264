use std::collections::BTreeSet;

use domain::transactions::Transaction;
use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};

use crate::shop::{Shop, customer, sale};

/// I1, I2: overlapping calls in all orders wait for each other and are never each other's victims.
#[tokio::test(flavor = "multi_thread")]
async fn overlapping_calls_in_shuffled_orders_record_each_key_once() {
    let shop = Shop::open().await;
    for lead in 0..10 {
        shop.upsert(&customer(shop.program.id, &format!("c{lead}"))).await.unwrap();
    }
    let mut rng = StdRng::seed_from_u64(7);
    let db = shop.pool(34);
    let tasks: Vec<_> = (0..32)
        .map(|task: i64| {
            // Windows of forty over sixty keys, and of the same sales.
            let mut said: Vec<_> = (0..40)
                .map(|n| (task + n) % 60)
                .map(|n| sale(&format!("s{n:02}"), &format!("c{}", n % 20), 100 + n))
                .collect();
            said.shuffle(&mut rng);
            let (db, scope, id, act) = (db.clone(), shop.scope.clone(), shop.program.id, shop.world.act());
            tokio::spawn(async move {
                let conn = &mut *db.get().await.unwrap();
                let answers = Transaction::record_all(conn, &scope, id, &said, &act).await.unwrap();
                answers.into_iter().map(|answer| answer.unwrap()).map(|sale| (sale.key, sale.id)).collect()
            })
        })
        .collect();
    let mut named = BTreeSet::new();
    for task in tasks {
        let answers: Vec<_> = task.await.unwrap();
        assert_eq!(answers.len(), 40);
        named.extend(answers);
    }
    assert_eq!(named.len(), 60, "all were answered with the same sales");
    assert_eq!(shop.world.count("transactions").await, 60);
    assert_eq!(shop.world.count("customers WHERE status = 'ACTIVE'").await, 20);
    let once = "(SELECT subject FROM events WHERE kind = 'transaction.recorded' GROUP BY subject HAVING count(*) = 1) s";
    assert_eq!(shop.world.count(once).await, 60);
    assert_eq!(shop.world.count("events WHERE kind = 'transaction.recorded'").await, 60);
    assert_eq!(shop.world.count("events WHERE kind = 'customer.created'").await, 20);
    assert_eq!(shop.world.count("events WHERE kind = 'customer.updated'").await, 10);
}

/// One of several who use a key for other words wins; the others are told.
#[tokio::test(flavor = "multi_thread")]
async fn of_different_words_with_one_key_one_wins() {
    let shop = Shop::open().await;
    let calls: Vec<_> = (0..8).map(|n| [sale("s", "c", 100 + n)]).collect();
    let answers = futures_util::future::join_all(calls.iter().map(|call| shop.try_record(call))).await;
    let won = answers.iter().filter(|answer| answer.as_ref().unwrap()[0].is_ok()).count();
    assert_eq!(won, 1);
    assert_eq!(shop.world.count("transactions").await, 1);
}

/// Whoever loses the race for a key has created nobody.
#[tokio::test(flavor = "multi_thread")]
async fn of_different_buyers_with_one_key_one_is_created() {
    let shop = Shop::open().await;
    let calls: Vec<_> = (0..8).map(|n| [sale("s", &format!("c{n}"), 100)]).collect();
    let answers = futures_util::future::join_all(calls.iter().map(|call| shop.try_record(call))).await;
    assert_eq!(answers.iter().filter(|answer| answer.as_ref().unwrap()[0].is_ok()).count(), 1);
    assert_eq!((shop.world.count("transactions").await, shop.world.count("customers").await), (1, 1));
    assert_eq!(shop.world.count("events WHERE kind = 'customer.created'").await, 1);
}
