//! The one door for every change of what is left of a reward: refunds and the like, won disputes, milestones that are not
//! reached any more, customers who are given to somebody else.

use std::collections::BTreeMap;

use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AdjustmentId, RewardId, TypedId};

use super::{Reversal, ReversalCause, ReversalKind, Reward, RewardStatus, count::count_reward};
use crate::{
    act::Act,
    deltas::Deltas,
    events::{self, EventKind, NewEvent},
    ledger::{self, Posting, TransferReason},
    prepared::Prepare,
    schema::{reversals, rewards},
};

/// Rows of one INSERT: eleven parameters each.
const ROWS_PER_INSERT: usize = 5_000;

/// What is to be left of a reward, and why.
#[derive(Debug, Clone)]
pub struct NetChange {
    /// The reward, as it was read.
    pub reward: Reward,
    /// In minor units of its currency, from 0 to its amount.
    pub net: i64,
    /// Why.
    pub cause: ReversalCause,
    /// The adjustment that causes it, if one does.
    pub adjustment_id: Option<AdjustmentId>,
}

/// What some changes come to, to be written at once.
#[derive(Default)]
struct Changed {
    reversals: Vec<Reversal>,
    postings: Vec<Posting>,
    events: Vec<NewEvent>,
}

/// Changes what is left of these rewards, one change after the other, in the caller's transaction, which holds the program's
/// cursor; answers with the rewards that changed, as they are now. Rewards are looked at anew under their locks, which are
/// taken in the order of ids: one may have been released since it was read. Of a rejected reward nothing is left, and nothing
/// comes back. However many changes there are, they take the same few statements.
///
/// # Errors
/// The database's; a net below 0 or above the amount is a violation of `rewards_net_check`.
pub async fn change_nets(
    conn: &mut AsyncPgConnection,
    changes: &[NetChange],
    deltas: &mut Deltas,
    act: &Act,
) -> QueryResult<Vec<Reward>> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let mut locked = lock(conn, changes.iter().map(|change| change.reward.id).collect()).await?;
    let mut changed = Changed::default();
    let mut touched: BTreeMap<RewardId, Reward> = BTreeMap::new();
    for change in changes {
        let reward = locked.get_mut(&change.reward.id).ok_or(diesel::result::Error::NotFound)?;
        if reward.status == RewardStatus::Rejected || reward.net == change.net {
            continue;
        }
        changed.take(reward, change, deltas, act)?;
        touched.insert(reward.id, reward.clone());
    }
    let touched: Vec<Reward> = touched.into_values().collect();
    changed.write(conn, &touched, act).await?;
    Ok(touched)
}

/// Locks these rewards in the order of ids, until the transaction ends: before any balance, as everybody does.
///
/// # Errors
/// The database's.
pub(super) async fn lock(
    conn: &mut AsyncPgConnection,
    mut ids: Vec<RewardId>,
) -> QueryResult<BTreeMap<RewardId, Reward>> {
    ids.sort_unstable();
    ids.dedup();
    let rows: Vec<Reward> = rewards::table
        .filter(rewards::id.eq_any(ids))
        .order(rewards::id)
        .for_no_key_update()
        .select(Reward::as_select())
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|reward| (reward.id, reward)).collect())
}

impl Changed {
    fn take(
        &mut self,
        reward: &mut Reward,
        change: &NetChange,
        deltas: &mut Deltas,
        act: &Act,
    ) -> QueryResult<()> {
        let difference = change.net - reward.net;
        let kind = if difference < 0 { ReversalKind::Reversal } else { ReversalKind::Restoration };
        let reversal = Reversal {
            id: act.ids.next(act.now),
            account_id: reward.account_id,
            program_id: reward.program_id,
            reward_id: reward.id,
            partner_id: reward.partner_id,
            adjustment_id: change.adjustment_id,
            kind,
            amount: difference.abs(),
            cause: change.cause,
            after_release: reward.released_at.is_some(),
            created_at: act.now,
        };
        let (reason, source) = (reversal.reason(), reversal.id.uuid());
        self.postings.push(Posting { amount: reversal.amount, source, ..reward.posting(reason)? });
        self.reversals.push(reversal);
        count_reward(deltas, reward, difference);
        reward.net = change.net;
        reward.status = reward.status_by_net();
        reward.updated_at = act.now;
        self.events.push(reward.event(EventKind::RewardReversed));
        Ok(())
    }

    async fn write(&self, conn: &mut AsyncPgConnection, touched: &[Reward], act: &Act) -> QueryResult<()> {
        if touched.is_empty() {
            return Ok(());
        }
        for chunk in self.reversals.chunks(ROWS_PER_INSERT) {
            diesel::insert_into(reversals::table)
                .values(chunk)
                .prepared_for(chunk.len())
                .execute(conn)
                .await?;
        }
        diesel::sql_query(
            "UPDATE rewards AS r SET net = d.net, status = d.status, updated_at = $4 \
             FROM unnest($1, $2, $3) AS d (id, net, status) WHERE r.id = d.id",
        )
        .bind::<Array<Uuid>, _>(touched.iter().map(|reward| reward.id).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(touched.iter().map(|reward| reward.net).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(touched.iter().map(|reward| reward.status.as_str()).collect::<Vec<_>>())
        .bind::<Timestamptz, _>(act.now)
        .prepared()
        .execute(conn)
        .await?;
        ledger::post(conn, &self.postings, act).await?;
        events::record(conn, act, &self.events).await
    }
}

impl Reversal {
    /// The move that it is.
    fn reason(&self) -> TransferReason {
        match (self.kind, self.after_release) {
            (ReversalKind::Reversal, false) => TransferReason::ReversedHeld,
            (ReversalKind::Reversal, true) => TransferReason::Reversed,
            (ReversalKind::Restoration, false) => TransferReason::RestoredHeld,
            (ReversalKind::Restoration, true) => TransferReason::Restored,
        }
    }
}

impl Reward {
    /// Where it stands by what is left of it. Once a payout has it, it stays there: what is taken back then is owed.
    fn status_by_net(&self) -> RewardStatus {
        use RewardStatus::{Available, Held, Paid, PendingReview, Rejected, Reserved, Reversed};
        match self.status {
            Reserved | Paid | Rejected => self.status,
            PendingReview | Held | Available | Reversed if self.net == 0 => Reversed,
            PendingReview | Held | Available => self.status,
            Reversed if self.released_at.is_some() => Available,
            Reversed if self.under_review => PendingReview,
            Reversed => Held,
        }
    }
}
