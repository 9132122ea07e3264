use chrono::TimeDelta;
use domain::{
    page::PageArgs,
    rewards::{Review, Reward, RewardFilter, RewardStatus},
    team::Role,
};

use super::{company::Company, past::Past};

/// The days on which rewards are looked at lie so far apart.
const EVERY: u32 = 7;

/// Once a week finance decides what waits for longer than some days, and takes back a reward or two of cancelled orders.
/// What came in of late still waits.
pub async fn of_day(past: &mut Past<'_>, company: &Company, day: u32) -> anyhow::Result<()> {
    if !day.is_multiple_of(EVERY) || day + 2 * EVERY > past.size.days {
        return Ok(());
    }
    let now = past.end_of(day);
    let old = now - TimeDelta::days(4);
    let act = past.at(now, company.actor(Role::Admin));
    for waiting in listed(past, company, RewardStatus::PendingReview).await? {
        if waiting.created_at > old {
            continue;
        }
        let review = match past.chance.per_mille(600) {
            true => Review::Approve,
            false => Review::Reject { reason: "Bought for themselves.".to_owned() },
        };
        Reward::review(past.conn, &company.scope, waiting.id, &review, &act).await?;
    }
    let held = listed(past, company, RewardStatus::Held).await?;
    for _ in 0..past.chance.below(3) {
        let Some(reward) = held.get(past.chance.below(held.len())) else { break };
        let review = Review::Reject { reason: "The order was cancelled.".to_owned() };
        // It may have been chosen twice.
        let current = Reward::find(past.conn, &company.scope, reward.id).await?;
        if current.is_some_and(|current| current.status == RewardStatus::Held) {
            Reward::review(past.conn, &company.scope, reward.id, &review, &act).await?;
        }
    }
    Ok(())
}

/// The latest rewards in this state.
async fn listed(past: &mut Past<'_>, company: &Company, status: RewardStatus) -> anyhow::Result<Vec<Reward>> {
    let filter = RewardFilter { status: vec![status], ..RewardFilter::default() };
    let page = PageArgs::new(100, None);
    Ok(Reward::list(past.conn, &company.scope, &filter, page).await?.rows)
}
