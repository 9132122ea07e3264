use domain::{
    customers::CustomerUpsert,
    rewards::{Review, ReviewError, Reward, RewardStatus},
    scope::AccountScope,
    terms::{DraftTerms, SelfReferral},
};
use ids::RewardId;

use crate::{
    partners::account,
    shop::{Shop, customer, days, percent, sale},
};

fn reject() -> Review {
    Review::Reject { reason: "fraud".to_owned() }
}

async fn review(shop: &Shop, id: RewardId, review: &Review) -> Result<RewardStatus, ReviewError> {
    let act = shop.world.act();
    let conn = &mut *shop.world.conn().await;
    Reward::review(conn, &shop.scope, id, review, &act).await.map(|reward| reward.status)
}

/// A reward under review, and one that is held.
async fn two_rewards() -> (Shop, Reward, Reward) {
    let shop = Shop::open_with(&DraftTerms { self_referral: SelfReferral::Review, ..percent("30") }).await;
    let jane = shop.partner("jane").await;
    let own = CustomerUpsert {
        email: Some("jane@example.com".to_owned()),
        touch: Some(domain::attribution::Touch::Partner(jane.id)),
        ..customer(shop.program.id, "herself")
    };
    shop.upsert(&own).await.unwrap();
    shop.customer_of("c", &jane).await;
    let own = shop.record(&sale("s1", "herself", 100)).await;
    let other = shop.record(&sale("s2", "c", 1_000)).await;
    shop.settle().await;
    let rewards = (shop.reward_of(&own).await, shop.reward_of(&other).await);
    assert_eq!((rewards.0.status, rewards.1.status), (RewardStatus::PendingReview, RewardStatus::Held));
    (shop, rewards.0, rewards.1)
}

fn state(result: Result<RewardStatus, ReviewError>) -> Result<RewardStatus, RewardStatus> {
    result.map_err(|error| match error {
        ReviewError::WrongState { current } => current,
        other => panic!("{other}"),
    })
}

#[tokio::test]
async fn a_reward_under_review_waits_for_a_person() {
    use RewardStatus::{Available, Held};
    let (mut shop, own, other) = two_rewards().await;
    shop.world.pass(days(31));
    assert_eq!(shop.release().await, 1, "only the one that is not under review");
    assert_eq!(shop.balance(own.partner_id.unwrap()).await, "30 300 0 0");
    assert_eq!(state(review(&shop, own.id, &Review::Approve).await), Ok(Held));
    assert_eq!(state(review(&shop, own.id, &Review::Approve).await), Err(Held));
    assert_eq!(shop.release().await, 1, "its hold has ended meanwhile");
    assert_eq!(state(review(&shop, other.id, &reject()).await), Err(Available));
    assert_eq!(shop.balance(own.partner_id.unwrap()).await, "0 330 0 0");
    assert_eq!(shop.world.count("audit_entries WHERE action = 'rewardApprove'").await, 1);
    assert_eq!(shop.world.count("events WHERE kind = 'reward.approved'").await, 1);
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_rejected_reward_goes_back_once() {
    let (mut shop, own, other) = two_rewards().await;
    for (reward, left) in [(&own, "300 0 0 0"), (&other, "0 0 0 0")] {
        assert_eq!(state(review(&shop, reward.id, &reject()).await), Ok(RewardStatus::Rejected));
        assert_eq!(shop.balance(own.partner_id.unwrap()).await, left);
        for again in [reject(), Review::Approve] {
            let refused = state(review(&shop, reward.id, &again).await);
            assert_eq!(refused, Err(RewardStatus::Rejected));
        }
    }
    assert_eq!(shop.world.count("ledger_transfers WHERE reason = 'REJECTED'").await, 2);
    let audited = "audit_entries WHERE action = 'rewardReject' AND after ->> 'reason' = 'fraud'";
    assert_eq!(shop.world.count(audited).await, 2);
    shop.world.pass(days(31));
    assert_eq!(shop.release().await, 0);
    shop.assert_verified().await;
}

#[tokio::test]
async fn a_reason_is_said_and_strangers_decide_nothing() {
    let (shop, own, _) = two_rewards().await;
    let mute = Review::Reject { reason: " ".to_owned() };
    assert!(matches!(review(&shop, own.id, &mute).await, Err(ReviewError::Reason(_))));
    let stranger = account(&shop.world).await;
    let limited = AccountScope::limited(shop.scope.account_id, vec![shop.world.ids.next(shop.world.now)]);
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    for scope in [&stranger, &limited] {
        let refused = Reward::review(conn, scope, own.id, &Review::Approve, &act).await;
        assert!(matches!(refused, Err(ReviewError::NotFound)));
    }
    assert_eq!(shop.reward(own.id).await.status, RewardStatus::PendingReview);
}

/// Release and sixteen rejections of the same reward: one of them has it.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_decisions_counts() {
    for _ in 0..5 {
        let (mut shop, own, other) = two_rewards().await;
        shop.world.pass(days(31));
        let (approve, reject) = (Review::Approve, reject());
        let decisions = (0..16).map(|n| {
            let id = if n % 2 == 0 { own.id } else { other.id };
            review(&shop, id, if n % 3 == 0 { &approve } else { &reject })
        });
        let release = async {
            shop.release().await;
            shop.release().await;
        };
        let (decided, ()) = tokio::join!(futures_util::future::join_all(decisions), release);
        let rejected = decided.iter().filter(|one| matches!(one, Ok(RewardStatus::Rejected))).count();
        for decision in decided {
            let _ = state(decision);
        }
        let posted = shop.world.count("ledger_transfers WHERE reason = 'REJECTED'").await;
        assert_eq!(posted, i64::try_from(rejected).unwrap());
        shop.release().await;
        let settled = "rewards WHERE status IN ('REJECTED', 'AVAILABLE')";
        assert_eq!(shop.world.count(settled).await, 2);
        shop.assert_verified().await;
    }
}
