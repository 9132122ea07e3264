//! A budget is given to the cent and no further, whoever sells and works at once; what comes back can be given again.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use domain::{
    adjustments::{Adjustment, NewAdjustment, NewAdjustmentKind, SaleNamed},
    programs::{Program, ProgramChanges},
    rewards::Review,
    subscribers,
    transactions::Transaction,
};
use money::Currency;

use crate::shop::{Shop, compute_once, percent, sale};

async fn with_budget(dollars: i64) -> Shop {
    let shop = Shop::open_with(&percent("30")).await;
    let budget = Some(Some((dollars.into(), Currency::USD)));
    let changes = ProgramChanges { reward_budget: budget, ..ProgramChanges::default() };
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    Program::update(conn, &shop.scope, shop.program.id, &changes, &act).await.unwrap();
    shop
}

/// What all rewards come to now, in cents.
async fn given(shop: &Shop) -> String {
    shop.lines("SELECT coalesce(sum(net), 0)::text AS line FROM rewards").await.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_two_sellers_at_once_do_not_overrun_it_by_a_cent() {
    let shop = with_budget(10_000).await;
    let jane = shop.partner("jane").await;
    for customer in 0..32 {
        shop.customer_of(&format!("c{customer}"), &jane).await;
    }
    let db = shop.pool(40);
    let sellers: Vec<_> = (0..32)
        .map(|task| {
            let (db, scope, act, id) = (db.clone(), shop.scope.clone(), shop.world.act(), shop.program.id);
            tokio::spawn(async move {
                for round in 0..5 {
                    let said: Vec<_> = (0..10)
                        .map(|n| sale(&format!("{task}-{round}-{n}"), &format!("c{task}"), 3_333))
                        .collect();
                    Transaction::record_all(&mut db.get().await.unwrap(), &scope, id, &said, &act)
                        .await
                        .unwrap();
                }
            })
        })
        .collect();
    let over = Arc::new(AtomicBool::new(false));
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let (db, act, id, over) = (db.clone(), shop.world.act(), shop.program.id, over.clone());
            tokio::spawn(async move {
                loop {
                    let was_over = over.load(Ordering::SeqCst);
                    let told =
                        subscribers::sequence(&mut db.get().await.unwrap(), act.now, &act.ids).await.unwrap();
                    if compute_once(&db, id, &act).await.unwrap().facts + told == 0 && was_over {
                        return;
                    }
                }
            })
        })
        .collect();
    for seller in sellers {
        seller.await.unwrap();
    }
    over.store(true, Ordering::SeqCst);
    for worker in workers {
        worker.await.unwrap();
    }
    // 1,600 sales ask for 1,600 times 9.9990 dollars.
    assert_eq!(given(&shop).await, "1000000");
    assert_eq!(shop.world.count("non_rewards WHERE reason = 'BUDGET_SPENT'").await, 1_600 - 1_000);
    shop.assert_verified().await;
}

#[tokio::test]
async fn what_is_rejected_or_refunded_can_be_given_again() {
    let shop = with_budget(5).await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    let first = shop.record(&sale("first", "c", 1_000)).await;
    let second = shop.record(&sale("second", "c", 1_000)).await;
    shop.settle().await;
    assert_eq!(
        (shop.result(&first).await, shop.result(&second).await),
        ("base 300 HELD".into(), "base 200 HELD".into())
    );
    let third = shop.record(&sale("third", "c", 1_000)).await;
    shop.settle().await;
    assert_eq!(shop.result(&third).await, "BUDGET_SPENT");
    let (id, review) = (shop.reward_of(&first).await.id, Review::Reject { reason: "fraud".to_owned() });
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    domain::rewards::Reward::review(conn, &shop.scope, id, &review, &act).await.unwrap();
    let fourth = shop.record(&sale("fourth", "c", 700)).await;
    shop.settle().await;
    assert_eq!(shop.result(&fourth).await, "base 210 HELD");
    let void = NewAdjustment {
        sale: SaleNamed::Id(second.id),
        key: "void".to_owned(),
        what: NewAdjustmentKind::Void,
        occurred_at: None,
    };
    Adjustment::record(conn, &shop.scope, &void, &act).await.unwrap();
    shop.settle().await;
    let fifth = shop.record(&sale("fifth", "c", 10_000)).await;
    shop.settle().await;
    assert_eq!(shop.result(&fifth).await, "base 290 HELD");
    assert_eq!(given(&shop).await, "500");
    shop.assert_verified().await;
}
