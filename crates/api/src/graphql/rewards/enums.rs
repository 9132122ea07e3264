use async_graphql::Enum;

/// Where a reward stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::rewards::RewardStatus")]
pub enum RewardStatus {
    /// Waits for a person's decision.
    PendingReview,
    /// Waits for its hold to end.
    Held,
    /// May be paid out.
    Available,
    /// In a payout that is under way.
    Reserved,
    /// Paid.
    Paid,
    /// Rejected by a person before its release.
    Rejected,
    /// Taken back as a whole.
    Reversed,
}

/// What a reward was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::rewards::RewardTrigger")]
pub enum RewardOrigin {
    /// A sale.
    Sale,
    /// A customer's sign-up.
    Signup,
    /// A number of customers, or an amount of revenue, that was reached.
    Milestone,
    /// A person's decision.
    Manual,
}

/// What made a reward wait for a person's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::rewards::ReviewCode")]
pub enum ReviewCode {
    /// The customer is the partner, by their addresses.
    SelfReferral,
    /// The customer is the partner above who would get it, by their addresses.
    UplineSelfReferral,
    /// A sale of the same gross and currency was recorded shortly before.
    DuplicateSale,
    /// The customer was known before the partner brought them.
    ExistingCustomer,
    /// A person rejected a reward of the same event, before the customer was given with their past to this partner.
    RejectedBefore,
    /// The rule asks for it.
    Rule,
}

/// In which direction what is left of a reward changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::rewards::ReversalKind")]
pub enum ReversalKind {
    /// Some or all of it was taken back.
    Reversal,
    /// Some or all of what was taken back was given back.
    Restoration,
}

/// Why what is left of a reward changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::rewards::ReversalCause")]
pub enum ReversalCause {
    /// A refund of the sale.
    Refund,
    /// A chargeback of the sale.
    Chargeback,
    /// A chargeback that was won.
    ChargebackWon,
    /// The sale was declared void.
    Void,
    /// The number or amount is below the milestone's step again.
    Milestone,
    /// The customer was given to another partner, and past rewards with them.
    Reassigned,
}

/// Why a sale earned nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::rewards::NonRewardReason")]
pub enum NonRewardReason {
    /// The sale is marked as not rewardable.
    Excluded,
    /// The net is zero or less.
    NothingPaid,
    /// The customer is attributed to nobody.
    NoAttribution,
    /// The partner was not approved when the sale or sign-up was recorded.
    PartnerNotApproved,
    /// The customer is the partner, and the terms reject that.
    SelfReferral,
    /// No version of the terms was in force.
    NoTerms,
    /// No rate from the sale's currency to the program's is stored for the sale's time. Not final: the sale is evaluated again
    /// when one is.
    RateMissing,
    /// A cap of the rule was reached before: nothing of it is left.
    CapReached,
    /// The program's budget for rewards was spent before.
    BudgetSpent,
    /// Rules applied, and each came to nothing.
    ZeroAmount,
    /// No rule applied.
    NoRuleMatched,
}
