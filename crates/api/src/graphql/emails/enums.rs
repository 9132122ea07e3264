use async_graphql::Enum;

/// What an email says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::emails::EmailTemplate")]
pub enum EmailTemplate {
    /// To who registers: prove that the address is yours. Belongs to no account and is never listed.
    UserVerify,
    /// To a user whose address is registered again. Belongs to no account and is never listed.
    UserExists,
    /// To a user who forgot their password: the link to another one. Belongs to no account and is never listed.
    PasswordReset,
    /// To a user: their password is another one. Belongs to no account and is never listed.
    PasswordChanged,
    /// To the new address of a user: prove that it is yours. Belongs to no account and is never listed.
    EmailChange,
    /// To the present address of a user who wants another one. Belongs to no account and is never listed.
    EmailChangeAsked,
    /// To the address that a user had until now. Belongs to no account and is never listed.
    EmailChanged,
    /// To a partner: a reward was earned.
    RewardCreated,
    /// To an owner: a sale was recorded.
    SaleRecorded,
    /// To an owner: an application waits for a decision.
    PartnerApplied,
    /// To a partner: welcome.
    PartnerApproved,
    /// To an applicant: not this time.
    PartnerRejected,
    /// To who is invited to the team.
    Invite,
    /// To who invited: the invite was accepted.
    InviteAccepted,
    /// To who is no member of the account any more.
    MemberRemoved,
    /// To an owner: a payout was asked for.
    PayoutRequested,
    /// To a partner: the payout will be made.
    PayoutApproved,
    /// To a partner: the payout will not be made.
    PayoutRejected,
    /// To a partner: the payout that was asked for was taken back.
    PayoutCancelled,
    /// To a partner: something is to be changed first.
    PayoutChangesRequested,
    /// To a partner: the payout was made.
    PayoutPaid,
    /// To a partner: the payout could not be made.
    PayoutFailed,
    /// To a partner and the owners: the payout came back.
    PayoutReturned,
    /// To a partner: money goes to another place from now on.
    PayoutMethodChanged,
    /// To a partner: money goes nowhere for now.
    PayoutMethodArchived,
    /// To an owner: a batch is ready.
    PayoutBatchFrozen,
    /// To an owner: all payouts of a batch have ended.
    PayoutBatchCompleted,
}

/// Where an email stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::emails::EmailStatus")]
pub enum EmailStatus {
    /// To be sent, perhaps again.
    Queued,
    /// Taken by the mail server.
    Sent,
    /// Its attempts are used up, over about a day.
    Failed,
    /// Refused by the mail server for good.
    Bounced,
    /// Not sent, because there is nobody or nothing to tell any more.
    Dropped,
}
