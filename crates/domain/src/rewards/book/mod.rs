//! What the one writer of a program knows, and what each recorded event makes of it. The same code for workers, who load
//! the part that a batch of facts needs, and for simulations and written histories, which hold all of it.

mod adjust;
mod counted;
mod effect;
mod facts;
mod known;
mod milestones;
mod people;
mod reach;
mod reassign;
mod sale;
mod sell;
mod sign_up;
mod unrated;

use std::collections::{HashMap, HashSet};

pub use adjust::{AdjustmentFacts, Adjusts};
pub use counted::{Counted, Tally, Tracked, Weight};
pub use effect::{Effect, Evaluated, Made, Source};
use ids::{CustomerId, PartnerId, RewardId, TransactionId};
use money::{Currency, Threshold};
pub use people::{CustomerState, PartnerState};
pub use reach::Reach;
pub use reassign::Past;
pub use sale::{Joined, RewardState, SaleState};
pub use sell::NewSale;
pub use sign_up::SignUp;
use unrated::Unrated;

use crate::{
    calendar::Calendar,
    programs::Grandfathering,
    terms::{RuleId, TermsInForce},
};

/// What of a program never changes while events are evaluated.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// The program's currency.
    pub currency: Currency,
    /// Its calendar.
    pub calendar: Calendar,
    /// Which terms hold for earlier customers.
    pub grandfathering: Grandfathering,
    /// What all rewards in the program's currency together may come to, in minor units.
    pub budget: Option<i64>,
}

/// The state of a program's rewards after the events so far.
pub struct Book<'a> {
    pub(super) policy: Policy,
    pub(super) versions: Vec<TermsInForce>,
    pub(super) partners: HashMap<PartnerId, PartnerState>,
    pub(super) customers: HashMap<CustomerId, CustomerState>,
    pub(super) sales: HashMap<TransactionId, SaleState>,
    pub(super) rewards: HashMap<RewardId, RewardState>,
    pub(super) counted: Counted,
    /// Sales by the caller's key.
    pub(super) sale_keys: HashMap<String, TransactionId>,
    /// Adjustments whose sale has not come yet, by its key, in recorded order.
    pub(super) waiting: HashMap<String, Vec<AdjustmentFacts>>,
    /// The keys of chargebacks that were won, also of those that have not come yet.
    pub(super) won: HashSet<String>,
    /// The sales of chargebacks, by the chargeback's key.
    pub(super) chargebacks: HashMap<String, TransactionId>,
    /// The milestones that stand, of each partner.
    pub(super) milestones: HashMap<PartnerId, Vec<RewardId>>,
    pub(super) paid_steps: HashSet<(RuleId, PartnerId, Threshold)>,
    /// How many multiples of a rule's `every` are paid without a gap.
    pub(super) paid_multiples: HashMap<(RuleId, PartnerId), (Threshold, u32)>,
    unrated: Unrated,
    /// What was evaluated of customers whose past may be moved, in recorded order.
    pub(super) past: HashMap<CustomerId, Vec<Past>>,
    /// Customers of whom a sale counts no more.
    pub(super) changed_customers: HashSet<CustomerId>,
    next_reward: Box<dyn FnMut() -> RewardId + Send + Sync + 'a>,
}

impl<'a> Book<'a> {
    /// An empty book of these published versions; ids of rewards come from `next_reward`.
    pub fn new(
        policy: Policy,
        versions: Vec<TermsInForce>,
        next_reward: impl FnMut() -> RewardId + Send + Sync + 'a,
    ) -> Self {
        let counted = Counted::new(Tracked::of(&versions), policy.currency);
        Self {
            policy,
            versions,
            partners: HashMap::new(),
            customers: HashMap::new(),
            sales: HashMap::new(),
            rewards: HashMap::new(),
            counted,
            sale_keys: HashMap::new(),
            waiting: HashMap::new(),
            won: HashSet::new(),
            chargebacks: HashMap::new(),
            milestones: HashMap::new(),
            paid_steps: HashSet::new(),
            paid_multiples: HashMap::new(),
            unrated: Unrated::default(),
            past: HashMap::new(),
            changed_customers: HashSet::new(),
            next_reward: Box::new(next_reward),
        }
    }

    /// The reward of this id, as far as the book knows it.
    pub fn reward(&self, id: RewardId) -> Option<&RewardState> {
        self.rewards.get(&id)
    }
}

#[cfg(test)]
mod tests;
