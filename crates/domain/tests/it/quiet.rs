//! History: it counts like anything else, and nobody is told of it.

use domain::{
    act::Act,
    attribution::Touch,
    customers::CustomerUpsert,
    partners::{NewPartner, Partner},
    rewards::Reward,
    transactions::Transaction,
};

use crate::{
    partners::{account, person},
    shop::{Shop, customer, days, sale},
};

#[tokio::test]
async fn nobody_is_told_of_history_nor_of_what_follows_from_it() {
    let mut shop = Shop::open().await;
    let quietly = shop.world.act().quietly();
    let jane = NewPartner { key: Some("jane".to_owned()), ..person(shop.program.id, "jane@example.com") };
    let conn = &mut *shop.world.conn().await;
    let jane = Partner::create(conn, &shop.scope, &jane, &quietly).await.unwrap();
    let touch = Some(Touch::Partner(jane.id));
    shop.upsert(&CustomerUpsert { touch, ..customer(shop.program.id, "ann") }).await.unwrap();
    let said = [sale("past", "ann", 10_000)];
    Transaction::record_all(conn, &shop.scope, shop.program.id, &said, &quietly).await.unwrap();
    // The writer is none of history: it computes what there is.
    shop.settle().await;
    let rewards = "rewards WHERE amount = 3000 AND status = 'HELD'";
    assert_eq!(shop.world.count(rewards).await, 1, "it earns");
    assert_eq!(shop.world.count("email_messages").await, 0);
    assert_eq!(shop.world.count("events WHERE kind = 'reward.created' AND quiet").await, 1);

    shop.record(&sale("present", "ann", 10_000)).await;
    shop.settle().await;
    assert_eq!(shop.world.count("email_messages").await, 1, "the partner is told of what they earn today");
    assert_eq!(shop.world.count("events WHERE kind = 'reward.created' AND NOT quiet").await, 1);
    shop.assert_verified().await;
    shop.world.pass(days(31));
    let act = shop.world.act();
    assert_eq!(released(&shop, &act).await, (0, 2), "of another account nothing is due");
}

/// How many rewards are released of an account that has none, and of the shop's.
async fn released(shop: &Shop, act: &Act) -> (usize, usize) {
    let conn = &mut *shop.world.conn().await;
    let stranger = account(&shop.world).await.account_id;
    let none = Reward::release_due_of(conn, stranger, act).await.unwrap();
    (none, Reward::release_due_of(conn, shop.scope.account_id, act).await.unwrap())
}
