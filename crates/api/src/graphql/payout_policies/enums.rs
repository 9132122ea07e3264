use async_graphql::Enum;

/// What a payee is paid by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::payout_policies::PayoutMethodKind")]
pub enum PayoutMethodKind {
    /// A PayPal or Venmo account, by PayPal.
    Paypal,
    /// A recipient of Wise.
    Wise,
    /// A bank account.
    Bank,
    /// Credit in your own shop.
    StoreCredit,
    /// An address of a cryptocurrency, paid by hand.
    Crypto,
    /// Whatever the two of you agreed on, paid by hand.
    Manual,
}

/// Who bears what a provider charges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::payout_policies::FeePayer")]
pub enum PayoutFeePayer {
    /// You: the partner gets the amount.
    Owner,
    /// The partner: the fee is taken from the amount, where the provider can do that.
    Partner,
}

/// How often drafts of batches are made by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::payout_policies::ScheduleKind")]
pub enum PayoutScheduleKind {
    /// Never: people make them.
    Manual,
    /// Each week.
    Weekly,
    /// Every second week, counted from Monday, 5 January 1970.
    Fortnightly,
    /// Each month.
    Monthly,
}
