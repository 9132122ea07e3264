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
    /// The partner: Wise takes its fee from the amount, in a batch by its API and in its file; the plain file tells it to who pays.
    /// PayPal always charges the sender, and a SEPA transfer shares the charges: there it is as with `OWNER`.
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
