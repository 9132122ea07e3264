use std::collections::HashMap;

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use ids::RewardId;

use crate::{
    act::Act,
    rewards::{Reward, compute::outcome::Outcome, reverse},
};

/// Posts what is left of rewards, in the order in which it changed.
pub(super) async fn post(
    conn: &mut AsyncPgConnection,
    outcome: &mut Outcome,
    known: &mut HashMap<RewardId, Reward>,
    act: &Act,
) -> QueryResult<()> {
    if outcome.nets.is_empty() {
        return Ok(());
    }
    known.extend(outcome.rewards.iter().map(|reward| (reward.id, reward.clone())));
    let changes: Vec<reverse::NetChange> = outcome
        .nets
        .iter()
        .filter_map(|net| {
            let reward = known.get(&net.reward).cloned()?;
            Some(reverse::NetChange { reward, net: net.net, cause: net.cause, adjustment_id: net.adjustment })
        })
        .collect();
    if let Some(deltas) = &mut outcome.deltas {
        reverse::change_nets(conn, &changes, deltas, act).await?;
    }
    Ok(())
}
