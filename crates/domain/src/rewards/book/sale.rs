use chrono::{DateTime, NaiveDate, Utc};
use ids::{AdjustmentId, CustomerId, PartnerId, RewardId};
use money::{Currency, Rate, Ratio, Rounding, Threshold};

use super::{Source, counted::Weight};
use crate::{
    ledger::Owner,
    rewards::{LineSet, Remainder, ReversalCause, RewardTrigger, TakenBack},
    terms::RuleId,
};

/// A recorded sale with what came of it.
#[derive(Debug, Clone)]
pub struct SaleState {
    /// Whose it is.
    pub customer: CustomerId,
    /// Its own time.
    pub at: DateTime<Utc>,
    /// Its currency.
    pub currency: Currency,
    /// In minor units.
    pub gross: i64,
    /// In minor units.
    pub net: i64,
    /// The nets of its lines.
    pub nets: Vec<i64>,
    /// Whether it counted when it was recorded: rewardable and above nothing.
    pub counts: bool,
    /// Whether it is void.
    pub is_void: bool,
    /// The rate to the program's currency, if one counted.
    pub rate: Option<Rate>,
    /// The partner that it came through, as it was evaluated.
    pub partner: Option<PartnerId>,
    /// Whether it is qualified, and counts for the partner.
    pub is_qualified: bool,
    /// How many evaluations of it there were.
    pub evaluations: i32,
    /// Its adjustments, in recorded order.
    pub adjustments: Vec<Joined>,
    /// Its rewards that are no milestones.
    pub rewards: Vec<RewardId>,
    /// What it adds to its partner's metrics now.
    pub weight: Weight,
}

/// An adjustment of a sale.
#[derive(Debug, Clone)]
pub struct Joined {
    /// Its id.
    pub id: AdjustmentId,
    /// Why it takes back.
    pub cause: ReversalCause,
    /// The key of a chargeback.
    pub chargeback: Option<String>,
    /// What it takes back while it stands.
    pub takes: TakenBack,
    /// Whether it stands: a chargeback that was won does not.
    pub stands: bool,
}

/// A reward, as far as later events need it.
#[derive(Debug, Clone)]
pub struct RewardState {
    /// What earned it.
    pub source: Source,
    /// What kind of rule.
    pub trigger: RewardTrigger,
    /// Whose event it was.
    pub customer: CustomerId,
    /// The rule.
    pub rule: RuleId,
    /// Who gets it.
    pub beneficiary: Owner,
    /// How many steps up.
    pub level: u8,
    /// The milestone's step.
    pub step: Option<Threshold>,
    /// The currency or unit.
    pub currency: Currency,
    /// As it was made, in minor units.
    pub amount: i64,
    /// What adjustments leave of it, in minor units.
    pub net: i64,
    /// Whether a person rejected it: nothing is left of it then.
    pub is_rejected: bool,
    /// Whether a payout has it, or had it.
    pub is_in_payout: bool,
    /// The lines that it was made of.
    pub lines: LineSet,
    /// Whether it was made of the partner's own rewards.
    pub of_reward: bool,
    /// Whether a partial refund leaves it whole.
    pub is_whole: bool,
    /// How it was rounded.
    pub rounding: Rounding,
    /// The number of the terms version.
    pub terms: i32,
    /// The local date of its event.
    pub day: NaiveDate,
    /// Until when it is held.
    pub hold_until: DateTime<Utc>,
}

impl SaleState {
    /// What its adjustments leave of it.
    pub(in crate::rewards) fn remainder(&self) -> Remainder {
        let standing = self.adjustments.iter().filter(|joined| joined.stands);
        Remainder::new(self.nets.clone(), standing.map(|joined| &joined.takes))
    }

    /// The partner for whom it is qualified, if it is.
    pub(in crate::rewards) fn qualified_for(&self) -> Option<PartnerId> {
        self.partner.filter(|_| self.is_qualified)
    }

    /// What it adds to metrics now; nothing unless it is qualified.
    pub(in crate::rewards) fn weigh(&self, remainder: &Remainder, program: Currency) -> Weight {
        let left = remainder.left();
        if self.qualified_for().is_none() {
            return Weight::default();
        }
        let minor_rate = self.rate.and_then(|rate| {
            let fineness = Ratio::from(program.minor_per_major());
            (rate.to_ratio() * fineness).checked_div(&self.currency.minor_per_major().into())
        });
        let is_live = !left.is_zero();
        let revenue = minor_rate.map_or_else(Ratio::zero, |rate| left * rate);
        Weight { is_live, revenue }
    }
}

impl RewardState {
    /// What is left of it, in minor units.
    pub fn present_net(&self) -> i64 {
        if self.is_rejected { 0 } else { self.net }
    }

    /// Whether it is money of the attributed partner's own, which shares of rewards are made of.
    pub(super) fn is_partner_s_money(&self) -> bool {
        let is_partner = matches!(self.beneficiary, Owner::Partner(_)) && self.level == 0;
        is_partner && !self.currency.is_unit() && self.trigger == RewardTrigger::Sale
    }
}
