//! Why an event earned nothing.

use crate::text_enum;

text_enum! {
    /// The closed list of answers to "why was I not paid?". The gates come first, in their order.
    NonRewardReason {
        /// The sale is marked unrewardable.
        Excluded = "EXCLUDED",
        /// Its net is zero or less.
        NothingPaid = "NOTHING_PAID",
        /// The customer is attributed to nobody.
        NoAttribution = "NO_ATTRIBUTION",
        /// The partner was not approved when the sale was recorded.
        PartnerNotApproved = "PARTNER_NOT_APPROVED",
        /// The customer is the partner, and the terms reject that.
        SelfReferral = "SELF_REFERRAL",
        /// No version of the terms was in force.
        NoTerms = "NO_TERMS",
        /// No rate from the sale's currency to the program's is stored for the sale's time.
        RateMissing = "RATE_MISSING",
        /// A cap was reached before.
        CapReached = "CAP_REACHED",
        /// The program's budget was spent before.
        BudgetSpent = "BUDGET_SPENT",
        /// Rules applied, and each came to nothing.
        ZeroAmount = "ZERO_AMOUNT",
        /// No rule applied.
        NoRuleMatched = "NO_RULE_MATCHED",
    }
}

impl NonRewardReason {
    /// The answer in words.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Excluded => "The sale is marked as not rewardable.",
            Self::NothingPaid => "The customer paid nothing for this sale.",
            Self::NoAttribution => "The customer did not come through a partner.",
            Self::PartnerNotApproved => "The partner was not approved when this was recorded.",
            Self::SelfReferral => "The customer is the partner, and the terms reject that.",
            Self::NoTerms => "No terms were in force at the time that counts for this customer.",
            Self::RateMissing => {
                "No exchange rate to the program's currency is stored for the time of the sale."
            }
            Self::CapReached => "A cap of the terms was reached before.",
            Self::BudgetSpent => "The program's budget for rewards was spent before.",
            Self::ZeroAmount => "The rules that applied came to nothing.",
            Self::NoRuleMatched => "No rule of the terms applied.",
        }
    }
}
