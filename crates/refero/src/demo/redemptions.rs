use domain::{
    page::PageArgs,
    programs::ProgramKind,
    redemptions::{CreateError, NewRedemption, Redemption},
    rewards::{Reward, RewardFilter, RewardStatus},
    team::Role,
};
use money::Money;

use super::{company::Company, past::Past, programs::Open};

/// The days on which credit is redeemed lie so far apart.
const EVERY: u32 = 3;

/// Every few days somebody pays a part of an order with the credit or the points that they have.
pub async fn of_day(
    past: &mut Past<'_>,
    company: &Company,
    programs: &[Open],
    day: u32,
) -> anyhow::Result<()> {
    let friends = programs.iter().find(|open| open.offer.kind == ProgramKind::Referral);
    let Some(open) = friends.filter(|_| day.is_multiple_of(EVERY)) else { return Ok(()) };
    let filter = RewardFilter {
        programs: Some(vec![open.program.id]),
        status: vec![RewardStatus::Available],
        ..RewardFilter::default()
    };
    let available = Reward::list(past.conn, &company.scope, &filter, PageArgs::new(100, None)).await?.rows;
    let Some(reward) = available.get(past.chance.below(available.len())) else { return Ok(()) };
    // A referrer's money is paid out, not redeemed.
    if reward.beneficiary_customer_id.is_none() && !reward.currency.is_unit() {
        return Ok(());
    }
    let redemption = NewRedemption {
        owner: reward.owner()?,
        amount: Money::new(reward.net, reward.currency).to_decimal(),
        currency: reward.currency,
        reason: "Part of an order".to_owned(),
        key: format!("redeemed-{day:03}"),
    };
    let act = past.at(past.end_of(day), company.actor(Role::Finance));
    match Redemption::create(past.conn, &company.scope, &redemption, &act).await {
        // It was redeemed before.
        Ok(_) | Err(CreateError::InsufficientBalance { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
