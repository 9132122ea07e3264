use std::collections::BTreeSet;

use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::{
    operations::{self, JobScope, Operation, OperationKind, REVIEW_BATCH, ReviewRewards},
    rewards::{Review, ReviewCode, ReviewError, ReviewReason, Reward, RewardFilter, RewardStatus},
    scope::AccountScope,
};
use ids::{JobId, RewardId};
use serde_json::json;

use crate::{
    partners::account,
    shop::{Shop, sale, terms},
};

const PENDING: &str = "rewards WHERE status = 'PENDING_REVIEW'";

fn reject() -> Review {
    Review::Reject { reason: " fraud ".to_owned() }
}

/// So many rewards of a dollar under review, because their rule asks for it, under a cap that never closes; by sale.
async fn under_review(count: usize) -> (Shop, Vec<RewardId>) {
    let shop = Shop::open_with(&terms(json!([{ "id": "base", "trigger": "SALE", "beneficiary": "PARTNER",
        "value": { "type": "FIXED", "amount": "1" }, "review": true,
        "caps": { "perCustomer": "1000000" } }])))
    .await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    let sales: Vec<_> = (0..count).map(|n| sale(&format!("s{n}"), "c", 1_000)).collect();
    for sales in sales.chunks(1_000) {
        shop.try_record(sales).await.unwrap();
    }
    shop.settle().await;
    let filter = RewardFilter::default();
    let mut ids = Vec::new();
    let (conn, mut after) = (&mut *shop.world.conn().await, None);
    loop {
        let page = domain::page::PageArgs::new(100, after);
        let page = Reward::list(conn, &shop.scope, &filter, page).await.unwrap();
        ids.extend(page.rows.iter().map(|reward| reward.id));
        after = ids.last().copied();
        if !page.has_next {
            break;
        }
    }
    assert_eq!((ids.len(), shop.world.count(PENDING).await), (count, count as i64));
    (shop, ids)
}

async fn begin(shop: &Shop, filter: &RewardFilter, review: &Review) -> Operation {
    let conn = &mut *shop.world.conn().await;
    operations::review_rewards(conn, &shop.scope, filter, review, &shop.world.act()).await.unwrap()
}

async fn work_of(conn: &mut AsyncPgConnection, job: JobId) -> ReviewRewards {
    let job = queue::find::find_all(conn, None, &[job]).await.unwrap().remove(0);
    serde_json::from_value(job.args).unwrap()
}

/// Runs its jobs to the end; how many each batch decided.
async fn run(shop: &Shop, begun: &Operation) -> Vec<usize> {
    let conn = &mut *shop.world.conn().await;
    let (mut next, mut batches) = (Some(begun.job_id), Vec::new());
    while let Some(job) = next {
        let work = work_of(conn, job).await;
        let act = shop.world.act();
        let done = conn
            .transaction(async |conn| operations::review_rewards_batch(conn, &work, &act).await)
            .await
            .unwrap();
        batches.push(done.rewards);
        next = done.goes_on_as;
        let noted =
            Operation::find(conn, JobScope::Account(shop.scope.account_id), begun.id).await.unwrap().unwrap();
        assert_eq!(noted.done, batches.iter().sum::<usize>() as i64);
        assert_eq!(next, noted.finished_at.is_none().then_some(noted.job_id), "the job that goes on");
    }
    batches
}

#[tokio::test]
async fn a_filter_is_decided_a_batch_at_a_time_and_what_came_later_waits() {
    let (shop, ids) = under_review(2 * REVIEW_BATCH + 10).await;
    let begun = begin(&shop, &RewardFilter::default(), &Review::Approve).await;
    assert_eq!((begun.kind, begun.total, begun.done), (OperationKind::RewardsApprove, 410, 0));
    shop.record(&sale("later", "c", 1_000)).await;
    shop.settle().await;
    let conn = &mut *shop.world.conn().await;
    let act = shop.world.act();
    Reward::review(conn, &shop.scope, ids[0], &reject(), &act).await.unwrap();
    assert_eq!(run(&shop, &begun).await, [REVIEW_BATCH, REVIEW_BATCH, 9], "one was decided by somebody else");
    assert_eq!(shop.world.count(PENDING).await, 1, "what came later");
    assert_eq!(shop.world.count("rewards WHERE status = 'HELD'").await, 409);
    assert_eq!(shop.world.count("events WHERE kind = 'reward.approved'").await, 409);
    assert_eq!(
        shop.world.count("audit_entries WHERE action = 'rewardApprove' AND actor = 'system'").await,
        409
    );
    assert_eq!(shop.world.count("audit_entries WHERE action = 'rewardsApprove'").await, 1);
    let held = RewardFilter { status: vec![RewardStatus::Held], ..RewardFilter::default() };
    let nothing = begin(&shop, &held, &Review::Approve).await;
    assert_eq!((nothing.total, run(&shop, &nothing).await), (0, vec![0]), "held is approved already");
    let begun = begin(&shop, &held, &reject()).await;
    assert_eq!((begun.total, begun.reason.as_deref()), (409, Some("fraud")));
    assert_eq!(run(&shop, &begun).await, [REVIEW_BATCH, REVIEW_BATCH, 9]);
    assert_eq!(shop.world.count("ledger_transfers WHERE reason = 'REJECTED'").await, 410);
    let spent = "reward_cursors WHERE budget_spent = 100";
    assert_eq!(shop.world.count(spent).await, 1, "the one that waits");
    assert_eq!(shop.world.count("reward_spending WHERE net = 100").await, 1);
    shop.assert_verified().await;
}

/// The one approves and the other rejects; whatever the order, a reward is decided once.
#[tokio::test(flavor = "multi_thread")]
async fn two_operations_at_once_decide_each_reward_once() {
    let (shop, _) = under_review(2 * REVIEW_BATCH + 50).await;
    let all = RewardFilter::default();
    let (one, other) = (begin(&shop, &all, &Review::Approve).await, begin(&shop, &all, &reject()).await);
    let (approved, rejected) = tokio::join!(run(&shop, &one), run(&shop, &other));
    let (approved, rejected) = (approved.iter().sum::<usize>() as i64, rejected.iter().sum::<usize>() as i64);
    assert_eq!(shop.world.count(PENDING).await, 0);
    assert_eq!(shop.world.count("events WHERE kind = 'reward.approved'").await, approved);
    assert_eq!(shop.world.count("events WHERE kind = 'reward.rejected'").await, rejected);
    assert_eq!(shop.world.count("ledger_transfers WHERE reason = 'REJECTED'").await, rejected);
    assert_eq!(approved + rejected, 450, "{approved} and {rejected}");
    shop.assert_verified().await;
}

#[tokio::test]
async fn each_of_the_ids_is_answered_by_itself() {
    let (shop, ids) = under_review(3).await;
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    Reward::review(conn, &shop.scope, ids[1], &reject(), &act).await.unwrap();
    let unknown = shop.world.ids.next(shop.world.now);
    let named = [ids[0], ids[1], unknown, ids[2]];
    let answers = Reward::review_these(conn, &shop.scope, &named, &Review::Approve, &act).await.unwrap();
    assert!(matches!(&answers[0], Ok(reward) if reward.id == ids[0] && reward.status == RewardStatus::Held));
    assert!(matches!(answers[1], Err(ReviewError::WrongState { current: RewardStatus::Rejected })));
    assert!(matches!(answers[2], Err(ReviewError::NotFound)));
    assert!(matches!(&answers[3], Ok(reward) if reward.id == ids[2]));
    let mute = Review::Reject { reason: " ".to_owned() };
    let refused = Reward::review_these(conn, &shop.scope, &named, &mute, &act).await;
    assert!(matches!(refused, Err(ReviewError::Reason(_))));
    let refused = operations::review_rewards(conn, &shop.scope, &RewardFilter::default(), &mute, &act).await;
    assert!(matches!(refused, Err(ReviewError::Reason(_))));
    shop.assert_verified().await;
}

/// An operation carries out no more than whoever began it reaches.
#[tokio::test]
async fn strangers_decide_nothing_by_a_filter() {
    let (shop, _) = under_review(2).await;
    let stranger = account(&shop.world).await;
    let limited = AccountScope::limited(shop.scope.account_id, vec![shop.world.ids.next(shop.world.now)]);
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    for scope in [&stranger, &limited] {
        let all = RewardFilter { programs: Some(vec![shop.program.id]), ..RewardFilter::default() };
        let begun = operations::review_rewards(conn, scope, &all, &Review::Approve, &act).await.unwrap();
        assert_eq!(begun.total, 0);
        let work = work_of(conn, begun.job_id).await;
        assert_eq!(operations::review_rewards_batch(conn, &work, &act).await.unwrap().rewards, 0);
    }
    assert_eq!(shop.world.count(PENDING).await, 2);
}

#[tokio::test]
async fn a_list_shows_what_is_under_review_for_a_reason() {
    let mut draft = terms(json!([
        { "id": "asks", "trigger": "SALE", "beneficiary": "PARTNER", "stacking": "ADD",
          "value": { "type": "FIXED", "amount": "1" }, "review": true },
        { "id": "base", "trigger": "SALE", "beneficiary": "PARTNER", "stacking": "ADD",
          "value": { "type": "FIXED", "amount": "2" } }
    ]));
    draft.duplicate_sale_minutes = Some(60);
    let mut shop = Shop::open_with(&draft).await;
    let jane = shop.partner("jane").await;
    shop.customer_of("c", &jane).await;
    let first = shop.record(&sale("first", "c", 1_000)).await;
    shop.world.pass(chrono::TimeDelta::minutes(5));
    shop.record(&sale("second", "c", 1_000)).await;
    shop.settle().await;
    let conn = &mut *shop.world.conn().await;
    let list = async |conn: &mut AsyncPgConnection, code| {
        let filter = RewardFilter { under_review_for: vec![code], ..RewardFilter::default() };
        let page = domain::page::PageArgs::new(100, None);
        Reward::list(conn, &shop.scope, &filter, page).await.unwrap().rows
    };
    let rules = |rows: &[Reward]| rows.iter().filter_map(|reward| reward.rule.clone()).collect::<Vec<_>>();
    assert_eq!(rules(&list(conn, ReviewCode::Rule).await), ["asks", "asks"]);
    let twins = list(conn, ReviewCode::DuplicateSale).await;
    assert_eq!(
        rules(&twins).into_iter().collect::<BTreeSet<_>>(),
        ["asks", "base"].map(str::to_owned).into()
    );
    let (transaction, occurred_at) = (first.id, first.occurred_at);
    let said = ReviewReason::DuplicateSale { transaction, occurred_at };
    for twin in &twins {
        assert_eq!(twin.review_reasons().unwrap()[0], said);
    }
    let asked = twins.iter().find(|reward| reward.rule.as_deref() == Some("asks")).unwrap();
    assert_eq!(asked.review_reasons().unwrap(), [said, ReviewReason::Rule]);
    assert_eq!(rules(&list(conn, ReviewCode::SelfReferral).await), Vec::<String>::new());
}
