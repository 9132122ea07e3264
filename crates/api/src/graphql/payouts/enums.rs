use async_graphql::Enum;

/// Where a payout stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::payouts::PayoutStatus")]
pub enum PayoutStatus {
    /// Asked for, and waits for a decision. Its amount is reserved from here on.
    Requested,
    /// Something is to be changed before it is decided about: `payoutResubmit` asks again.
    NeedsChanges,
    /// Waits for a batch.
    Approved,
    /// In a batch that is not executed yet.
    Batched,
    /// On its way: whether it arrived is not known yet.
    Sending,
    /// Paid.
    Paid,
    /// Could not be made; its amount is available again.
    Failed,
    /// Was made and came back; its amount is available again.
    Returned,
    /// Turned down; its amount is available again.
    Rejected,
    /// Taken back before it was sent; its amount is available again.
    Cancelled,
}

/// What can be done with a payout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::payouts::PayoutAction")]
pub enum PayoutAction {
    /// `payoutsApprove`
    Approve,
    /// `payoutReject`
    Reject,
    /// `payoutRequestChanges`
    RequestChanges,
    /// `payoutResubmit`
    Resubmit,
    /// `payoutWithdraw`
    Withdraw,
    /// `payoutCancel`
    Cancel,
    /// `payoutMarkPaid`
    MarkPaid,
    /// `payoutMarkFailed`
    MarkFailed,
}

/// What an item of a payout is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::payouts::ItemKind")]
pub enum PayoutItemKind {
    /// A reward, by what was left of it when its hold ended.
    Reward,
    /// What was taken back of a reward after its hold had ended, or given back.
    Reversal,
}

/// Why a partner is not paid now, although something is available.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::payouts::LeftOut")]
pub enum PayoutLeftOutReason {
    /// Only approved partners are paid.
    PartnerNotApproved,
    /// Nobody has said where the money goes: `payoutMethodSet`.
    MethodMissing,
    /// The policy does not allow the partner's method.
    MethodNotAllowed,
    /// The partner is paid by a method that this batch does not pay by.
    MethodOfAnotherBatch,
    /// The batch's rail does not reach accounts of the form that the partner has, e.g. SEPA a domestic account of the United States,
    /// or Wise one that is no IBAN: `FILE` reaches all.
    MethodOutOfReach,
    /// The partner's account takes another currency: `FILE` leaves that to whoever pays.
    MethodOfAnotherCurrency,
    /// The method took the place of another a short time ago: see `cooldownHours` of the policy.
    MethodCoolingDown,
    /// Less is available than the least that is paid, or than fits under the cutoff and the maximum.
    BelowMinimum,
    /// The partner has referred fewer customers who paid than the policy asks for.
    TooFewCustomers,
    /// The policy asks for a tax number, and the payee has given none: `payeeUpdate`.
    TaxDataMissing,
    /// The policy asks for an invoice: `payoutRequest` takes one.
    InvoiceMissing,
}
