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

/// Which events a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::terms::Trigger")]
pub enum RewardTrigger {
    /// Each sale.
    Sale,
}

/// Who gets the reward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::terms::Beneficiary")]
pub enum RewardBeneficiary {
    /// The partner whom the customer is attributed to.
    Partner,
}

/// How a rule shares the lines of a sale with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::terms::Stacking")]
pub enum RewardStacking {
    /// It takes its lines: later exclusive rules do not see them.
    Exclusive,
    /// It sees all lines and takes none.
    Add,
}

/// What a percentage is taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::terms::Base")]
pub enum RewardBase {
    /// The net of the lines: gross less discount and tax.
    Net,
    /// The same share of the gross.
    Gross,
}

/// What kind of value a rule has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::terms::ValueType")]
pub enum RewardValueType {
    /// A percentage.
    Percent,
    /// An amount in the program's currency.
    Fixed,
}

/// What a fixed amount is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::terms::Per")]
pub enum RewardPer {
    /// Each unit of the lines' quantities.
    Unit,
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
