use async_graphql::Enum;

/// How an amount is rounded to the minor unit, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "money::Rounding")]
pub enum Rounding {
    /// To the nearest; a tie to the even one.
    HalfEven,
    /// To the nearest; a tie away from zero.
    HalfUp,
    /// Away from zero.
    Up,
    /// Toward zero.
    Down,
}

/// What the rewards of percentages are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::terms::RewardCurrency")]
pub enum RewardCurrency {
    /// The program's currency: the sale is converted by the stored rate.
    Program,
    /// The sale's own currency. FIXED amounts and caps of them stay in the program's, and metrics are converted.
    Sale,
}

/// What becomes of a sale whose customer is the partner, by their email addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::terms::SelfReferral")]
pub enum SelfReferralPolicy {
    /// It earns nothing.
    Reject,
    /// It earns, under review.
    Review,
    /// Nothing is checked.
    Allow,
}

/// Where a version of the terms stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum TermsStatus {
    /// May still change; promises nothing.
    Draft,
    /// Published: in force, or to be.
    Published,
    /// Published, and followed by a version that is in force now.
    Superseded,
}
