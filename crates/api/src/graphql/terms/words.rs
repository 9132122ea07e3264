//! The closed vocabulary of rules.

use async_graphql::Enum;

/// Which events a rule looks at. Leads, clicks, custom events and referred partners cannot be used yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::terms::Trigger")]
pub enum RewardTrigger {
    /// Each recorded sale that passes all gates: its customer is attributed, the partner approved, something was paid.
    Sale,
    /// Each customer who signed up and is attributed; of newsletters, once the subscriber confirmed. Gives FIXED or UNITS,
    /// without `duration`, `startAfter`, `endAfter`, `base`, `per` and conditions of sales or lines; a refund takes nothing
    /// back.
    Signup,
    /// The partner's metric reached a step: see `milestone`. Gives FIXED or UNITS to the PARTNER, without `conditions`,
    /// `duration`, `startAfter`, `endAfter`, `base`, `per`, `tiers` and `caps`.
    Milestone,
}

/// Who gets the reward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::terms::Beneficiary")]
pub enum RewardBeneficiary {
    /// The partner whom the customer is attributed to. In refer-a-friend: the referrer.
    Partner,
    /// The customer who was referred: the other side of refer-a-friend.
    Referred,
    /// The partner `level` steps above the attributed one. If nobody is there, or they are not approved, the rule does not
    /// apply, and nobody moves up.
    Upline,
}

/// How a rule shares the lines of a sale with others. Has no effect with `of: REWARD` and MILESTONE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::terms::Stacking")]
pub enum RewardStacking {
    /// It takes its lines: later exclusive rules of the same beneficiary and level do not see them, even if its cap, the budget or
    /// rounding leaves nothing of its reward. Of a sign-up, one exclusive rule applies for each beneficiary and level.
    Exclusive,
    /// It sees all lines and takes none: a bonus beside the others.
    Add,
}

/// What a percentage is taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::terms::Base")]
pub enum RewardBase {
    /// The net of the rule's lines: gross less discount and tax.
    Net,
    /// The same share of the gross: the net of the lines times gross / net of the sale.
    Gross,
}

/// What a rule gives of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::terms::Of")]
pub enum RewardOf {
    /// The sale itself.
    Base,
    /// What the attributed partner gets for the same sale by all rules, after caps and the budget, in the currency that percentages
    /// are counted in (`rewardCurrency`); what they get in units or in another currency is left out. An override for uplines. Only
    /// with SALE, UPLINE and PERCENT, and without `base`, `reversal` and conditions of lines. It is computed after all other rules,
    /// and follows their refunds.
    Reward,
}

/// What a partial refund does to a reward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::terms::Reversal")]
pub enum RewardReversal {
    /// It takes back its share: a refund of a third of the net leaves two thirds of the reward.
    Proportional,
    /// Nothing, until the whole of the rule's lines is taken back.
    Whole,
}

/// What kind of value a rule has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::terms::ValueType")]
pub enum RewardValueType {
    /// A percentage of the sale or, with `of: REWARD`, of the partner's rewards.
    Percent,
    /// An amount in the program's currency.
    Fixed,
    /// So many of a unit of your own, such as points, credits or free months: counted in whole numbers, kept in a balance
    /// of its own, and redeemed, never paid out.
    Units,
}

/// What an amount is paid for, when not once for the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::terms::Per")]
pub enum RewardPer {
    /// Each unit: the amount times the quantities of the rule's lines. A sale without items, and what items leave of the net, is
    /// one unit. Only for SALE.
    Unit,
}

/// The kinds of duration. None begins before its start, and the instant at which DAYS, MONTHS and YEARS end lies outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::terms::DurationType")]
pub enum RewardDurationType {
    /// As long as the customer buys. Takes no `n`.
    Lifetime,
    /// The customer's first `n` sales that count, 1 to 10,000. They are numbered over the customer's whole life, whoever their
    /// partner was and whether a rule gave anything for them; refunded ones keep their number, and only a void gives it up.
    Count,
    /// `n` times 24 hours, 1 to 36,500.
    Days,
    /// Until the same local time `n` months later, 1 to 1,200, in the program's time zone; the day is cut to the month's
    /// last.
    Months,
    /// `n` times twelve months, 1 to 100.
    Years,
}

/// From when a duration counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::terms::DurationStart")]
pub enum RewardDurationStart {
    /// The customer's attribution to a partner, the first if there were several.
    Attribution,
    /// The time of the customer's first recorded sale that counts; for the first one, the sale itself. A refund or a chargeback does
    /// not change it, a void does.
    FirstSale,
}

/// What is counted of what the attributed partner has brought: for tiers before the event at hand, for milestones with it. Events
/// that did not pass the gates or are under review as self-referred do not count; whether one earned anything does not matter. In a
/// period count events whose own time lies in it; a refund counts in that of its sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::terms::Metric")]
pub enum RewardMetric {
    /// Customers who signed up.
    Signups,
    /// Sales, without those that were taken back as a whole.
    Sales,
    /// Customers with such a sale; in a period, with one in it.
    Customers,
    /// The net of sales less refunds, in the program's currency, each at its rate.
    Revenue,
    /// The net of the sale at hand, in the program's currency. Only for tiers of SALE rules, without `period`.
    SaleAmount,
}

/// A period of the program's calendar, in its time zone: the one that the event's own time lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::terms::Period")]
pub enum RewardPeriod {
    /// Without beginning or end.
    All,
    /// A day. Only for caps.
    Day,
    /// An ISO week, from Monday.
    Week,
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
}

/// What a condition looks at, as it was when the event was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::terms::ConditionField")]
pub enum RewardConditionField {
    /// The attributed partner's tags: IN holds if one of them is in the list. Takes `values`.
    PartnerTag,
    /// The attributed partner's group. Takes `values`: ids of groups.
    PartnerGroup,
    /// The customer's tags: IN holds if one of them is in the list. Takes `values`.
    CustomerTag,
    /// The customer's country. Takes `values`: ISO 3166 codes such as `DE`.
    CustomerCountry,
    /// The sale's currency. Takes `values`: ISO 4217 codes such as `EUR`. Only for SALE.
    SaleCurrency,
    /// Whether the sale is the customer's first that counts, as COUNT numbers them. Takes `values` of `FIRST` and `RECURRING`. Only
    /// for SALE.
    SaleKind,
    /// The coupon that the sale was recorded with. Takes `values`, compared letter by letter. Only for SALE.
    SaleCoupon,
    /// The sale's net in its own currency. Takes GTE or LT with `amount`. Only for SALE.
    SaleAmount,
    /// The sale's own time. Takes GTE or LT with `at`. Only for SALE.
    SaleAt,
    /// The product of a line: the rule sees only lines that satisfy it. Takes `values`: product ids as in the sale's items.
    /// Only for SALE, and not with `of: REWARD`.
    LineProductId,
    /// The product type of a line: the rule sees only lines that satisfy it. Takes `values`. Only for SALE, and not with
    /// `of: REWARD`.
    LineProductType,
}

/// How a condition compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::terms::ConditionOp")]
pub enum RewardConditionOp {
    /// Is one of `values`. What is missing is not.
    In,
    /// Is none of `values`, or is missing.
    NotIn,
    /// Is at least `amount`, or at or after `at`.
    Gte,
    /// Is below `amount`, or before `at`.
    Lt,
}
