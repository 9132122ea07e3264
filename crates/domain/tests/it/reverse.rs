//! What is left of rewards, and what the ledger and the figures say of it.

use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::AsyncConnection;
use domain::{
    act::Actor,
    payout_batches::Rail,
    payouts::Decision,
    programs::Cursor,
    rewards::{NetChange, Reversal, ReversalCause, ReversalKind, Reward, RewardStatus, change_nets},
    terms::DraftTerms,
};
use ids::RewardId;

use crate::{
    paying::{by_hand, paid},
    shop::{Shop, days, percent, release_once, sale},
};

/// Changes what is left of rewards, as the program's writer does.
pub async fn change_in(
    shop: &Shop,
    wanted: &[(RewardId, i64)],
    cause: ReversalCause,
) -> Result<Vec<Reward>, Error> {
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let ids: Vec<_> = wanted.iter().map(|(id, _)| *id).collect();
    conn.transaction(async |conn| {
        let cursor = Cursor::lock(conn, shop.program.id).await?;
        let rewards = Reward::find_all(conn, &shop.scope, &ids).await?;
        let change = |(id, net): &(RewardId, i64)| NetChange {
            reward: rewards.iter().find(|reward| reward.id == *id).unwrap().clone(),
            net: *net,
            cause,
            adjustment_id: None,
        };
        let changes: Vec<_> = wanted.iter().map(change).collect();
        let mut deltas = shop.program.deltas();
        let changed = change_nets(conn, &changes, &mut deltas, &act).await?;
        deltas.append(conn).await?;
        let spent = changed.iter().map(|after| {
            let before = rewards.iter().find(|before| before.id == after.id).unwrap();
            after.net - before.net
        });
        cursor.spend(conn, spent.sum()).await?;
        Ok(changed)
    })
    .await
}

/// A reward of 300 cents, held for 30 days.
async fn one() -> (Shop, Reward) {
    let shop = Shop::open().await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    let sold = shop.record(&sale("s", "c", 1_000)).await;
    shop.settle().await;
    let reward = shop.reward_of(&sold).await;
    (shop, reward)
}

/// What is left, where it stands, and the balance after a change.
async fn after(shop: &Shop, reward: &Reward, net: i64, cause: ReversalCause) -> String {
    let changed = change_in(shop, &[(reward.id, net)], cause).await.unwrap();
    let now = shop.reward(reward.id).await;
    for one in changed {
        assert_eq!((one.net, one.status, one.updated_at), (now.net, now.status, now.updated_at));
    }
    shop.assert_verified().await;
    format!("{} {}: {}", now.net, now.status, shop.balance(reward.partner_id.unwrap()).await)
}

#[tokio::test]
async fn what_is_taken_back_while_it_is_held_never_becomes_available() {
    use ReversalCause::{Chargeback, ChargebackWon, Refund};
    let (mut shop, reward) = one().await;
    assert_eq!(after(&shop, &reward, 200, Refund).await, "200 HELD: 200 0 0 0");
    assert_eq!(after(&shop, &reward, 200, Refund).await, "200 HELD: 200 0 0 0");
    assert_eq!(after(&shop, &reward, 0, Chargeback).await, "0 REVERSED: 0 0 0 0");
    assert_eq!(after(&shop, &reward, 150, ChargebackWon).await, "150 HELD: 150 0 0 0");
    assert_eq!(
        shop.world.count("events WHERE kind = 'reward.reversed'").await,
        3,
        "not when nothing changes"
    );
    shop.world.pass(days(31));
    assert_eq!(shop.release().await, 1);
    assert_eq!(shop.balance(reward.partner_id.unwrap()).await, "0 150 0 0");
    let scope = shop.scope.clone();
    let rows = Reversal::of_rewards(&mut *shop.world.conn().await, &scope, &[reward.id]).await.unwrap();
    let said: Vec<_> = rows.iter().map(|row| (row.kind, row.amount, row.cause, row.after_release)).collect();
    let (back, forth) = (ReversalKind::Reversal, ReversalKind::Restoration);
    assert_eq!(
        said,
        [(back, 100, Refund, false), (back, 200, Chargeback, false), (forth, 150, ChargebackWon, false)]
    );
    shop.assert_verified().await;
}

#[tokio::test]
async fn what_is_taken_back_later_is_debt_and_what_comes_back_pays_it() {
    use ReversalCause::{Chargeback, ChargebackWon};
    let (mut shop, reward) = one().await;
    shop.world.pass(days(31));
    shop.release().await;
    assert_eq!(after(&shop, &reward, 0, Chargeback).await, "0 REVERSED: 0 0 0 0");
    assert_eq!(after(&shop, &reward, 300, ChargebackWon).await, "300 AVAILABLE: 0 300 0 0");
    let jane = reward.partner_id.unwrap();
    shop.method(jane, by_hand()).await;
    let payout = shop.request(jane, "k").await;
    assert_eq!(after(&shop, &reward, 0, Chargeback).await, "0 RESERVED: 0 -300 300 0");
    assert_eq!(after(&shop, &reward, 300, ChargebackWon).await, "300 RESERVED: 0 0 300 0");
    shop.decide(payout.id, &Decision::Approve).await;
    let batch = shop.frozen(Rail::Manual, Actor::System).await;
    shop.executed(batch.id).await;
    shop.ended(payout.id, paid()).await;
    assert_eq!(after(&shop, &reward, 0, Chargeback).await, "0 PAID: 0 -300 0 300");
    assert_eq!(after(&shop, &reward, 300, ChargebackWon).await, "300 PAID: 0 0 0 300");
    assert_eq!(shop.world.count("ledger_transfers WHERE reason = 'REVERSED'").await, 3);
    assert_eq!(shop.world.count("ledger_transfers WHERE reason = 'RESTORED'").await, 3);
}

/// Its hold ends while nothing is left of it: what comes back is available, and nothing was released.
#[tokio::test]
async fn a_hold_ends_also_while_nothing_is_left() {
    let (mut shop, reward) = one().await;
    assert_eq!(after(&shop, &reward, 0, ReversalCause::Void).await, "0 REVERSED: 0 0 0 0");
    shop.world.pass(days(31));
    assert_eq!((shop.release().await, shop.release().await), (1, 0));
    let released = shop.reward(reward.id).await;
    assert_eq!((released.status, released.released_at), (RewardStatus::Reversed, Some(shop.world.now)));
    assert_eq!(shop.world.count("events WHERE kind = 'reward.released'").await, 0);
    assert_eq!(shop.world.count("ledger_transfers WHERE reason = 'RELEASED'").await, 0);
    let again = after(&shop, &reward, 300, ReversalCause::ChargebackWon).await;
    assert_eq!(again, "300 AVAILABLE: 0 300 0 0");
}

#[tokio::test]
async fn nothing_beyond_the_reward_is_left_and_nothing_below_zero() {
    let (shop, reward) = one().await;
    for net in [-1, 301] {
        let refused = change_in(&shop, &[(reward.id, net)], ReversalCause::Refund).await;
        assert!(matches!(refused, Err(Error::DatabaseError(DatabaseErrorKind::CheckViolation, _))), "{net}");
    }
    assert_eq!(shop.world.count("reversals").await, 0);
    let none = change_in(&shop, &[], ReversalCause::Refund).await.unwrap();
    assert!(none.is_empty());
    shop.assert_verified().await;
}

/// Four writers by turns, releases and rejections at once, on sixty rewards of two partners.
#[tokio::test(flavor = "multi_thread")]
async fn changes_releases_and_rejections_take_turns() {
    let mut shop = Shop::open_with(&DraftTerms { hold_days: 1, ..percent("10") }).await;
    for name in ["jane", "joe"] {
        let partner = shop.partner(name).await;
        shop.customer_of(name, &partner).await;
    }
    let said: Vec<_> = (0..60).map(|n| sale(&format!("s{n}"), ["jane", "joe"][n % 2], 1_000)).collect();
    shop.try_record(&said).await.unwrap();
    shop.settle().await;
    shop.world.pass(days(1));
    let rewards = all(&shop).await;
    let shop = &shop;
    let writers = (0..4_i64).map(|writer| {
        let rewards = &rewards;
        async move {
            for round in 0..8_i64 {
                // Each sees the rewards in another order, and some of them twice.
                let wanted: Vec<_> = (0..30_i64)
                    .map(|n| {
                        let place = usize::try_from((n * (writer + 3) * 7 + round) % 60).unwrap();
                        (rewards[place].id, (n * 13 + round * 29 + writer * 17) % 101)
                    })
                    .collect();
                change_in(shop, &wanted, ReversalCause::Refund).await.unwrap();
            }
        }
    });
    let act = shop.world.act();
    let releases = (0..4).map(|_| release_once(&shop.world.db, &act));
    let reject = domain::rewards::Review::Reject { reason: "no".to_owned() };
    let rejections = rewards.iter().step_by(7).map(|reward| {
        let (reject, act) = (&reject, &act);
        async move {
            let conn = &mut *shop.world.conn().await;
            // It may have been released or reversed before.
            let _ = Reward::review(conn, &shop.scope, reward.id, reject, act).await;
        }
    });
    tokio::join!(
        futures_util::future::join_all(writers),
        futures_util::future::join_all(releases),
        futures_util::future::join_all(rejections),
    );
    while shop.release().await > 0 {}
    assert!(shop.world.count("reversals WHERE kind = 'RESTORATION'").await > 0);
    let moved = "reversals v JOIN ledger_transfers t ON t.source = v.id AND t.amount = v.amount";
    assert_eq!(shop.world.count(moved).await, shop.world.count("reversals").await);
    shop.assert_verified().await;
}

async fn all(shop: &Shop) -> Vec<Reward> {
    let (conn, page) = (&mut *shop.world.conn().await, domain::page::PageArgs::new(100, None));
    Reward::list(conn, &shop.scope, &Default::default(), page).await.unwrap().rows
}
