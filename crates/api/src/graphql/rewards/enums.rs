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
    /// The partner was not approved when the sale was recorded.
    PartnerNotApproved,
    /// The customer is the partner, and the terms reject that.
    SelfReferral,
    /// No version of the terms was in force.
    NoTerms,
    /// No rate from the sale's currency to the program's is stored for the sale's time.
    RateMissing,
    /// Rules applied, and each came to nothing.
    ZeroAmount,
    /// No rule applied.
    NoRuleMatched,
}
