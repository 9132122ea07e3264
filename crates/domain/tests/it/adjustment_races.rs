use domain::adjustments::{AdjustError, Adjustment, NewAdjustmentKind};

use crate::{
    adjustments::{cents, of},
    shop::{Shop, sale},
};

/// Sixteen at once want 10 % each: ten of them get it, and the sale is refunded to the cent.
#[tokio::test(flavor = "multi_thread")]
async fn refunds_at_once_never_exceed_their_sale() {
    let shop = Shop::open().await;
    let sold = shop.record(&sale("s", "ada", 1_000)).await;
    let db = shop.pool(16);
    let tasks: Vec<_> = (0..16)
        .map(|task| {
            let refund = NewAdjustmentKind::Refund(cents(100));
            let said = of(shop.program.id, "s", &format!("r{task}"), refund);
            let (db, scope, act) = (db.clone(), shop.scope.clone(), shop.world.act());
            tokio::spawn(async move {
                let conn = &mut *db.get().await.unwrap();
                Adjustment::record(conn, &scope, &said, &act).await
            })
        })
        .collect();
    let mut taken = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => taken += 1,
            Err(AdjustError::ExceedsSale { left }) => assert!(left.is_zero()),
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(taken, 10);
    assert_eq!(shop.standing(&sold).await, "REFUNDED 1000");
    assert_eq!(shop.world.count("adjustments").await, 10);
    assert_eq!(shop.world.count("events WHERE kind = 'transaction.adjusted'").await, 10);
}

/// Of one key there is one adjustment, whether or not its sale has arrived.
#[tokio::test(flavor = "multi_thread")]
async fn one_key_at_once_is_one_adjustment() {
    let shop = Shop::open().await;
    shop.record(&sale("s", "ada", 1_000)).await;
    for (name, keyed) in [("s", "known"), ("later", "unknown")] {
        let refund = |_| shop.adjust(name, keyed, NewAdjustmentKind::Refund(cents(600)));
        let made = futures_util::future::join_all((0..8).map(refund)).await;
        let ids: Vec<_> = made.into_iter().map(|made| made.unwrap().id).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    }
    assert_eq!(shop.world.count("adjustments").await, 2);
    assert_eq!(shop.world.count("events WHERE kind = 'transaction.adjusted'").await, 2);
    // Of other words with the key one wins.
    let other = |n: i64| shop.adjust("s", "other", NewAdjustmentKind::Refund(cents(10 + n)));
    let made = futures_util::future::join_all((0..8).map(other)).await;
    assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 1);
}
