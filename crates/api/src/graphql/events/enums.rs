use async_graphql::Enum;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::events::EventKind")]
pub enum EventTopic {
    /// A program was created, as a draft.
    /// `program.created`
    ProgramCreated,
    /// Settings of a program changed.
    /// `program.updated`
    ProgramUpdated,
    /// A program began to record sales.
    /// `program.activated`
    ProgramActivated,
    /// A program stopped attributing new customers.
    /// `program.paused`
    ProgramPaused,
    /// A program was closed.
    /// `program.archived`
    ProgramArchived,
    /// A version of terms was published.
    /// `terms.published`
    TermsPublished,
    /// Somebody applied to become a partner.
    /// `partner.applied`
    PartnerApplied,
    /// A partner was approved, or created as approved.
    /// `partner.approved`
    PartnerApproved,
    /// An application was rejected.
    /// `partner.rejected`
    PartnerRejected,
    /// A partner was suspended, and earns nothing new.
    /// `partner.suspended`
    PartnerSuspended,
    /// A suspended partner earns again.
    /// `partner.reinstated`
    PartnerReinstated,
    /// Data of a partner changed.
    /// `partner.updated`
    PartnerUpdated,
    /// A link was created.
    /// `link.created`
    LinkCreated,
    /// A link changed.
    /// `link.updated`
    LinkUpdated,
    /// A customer was seen for the first time.
    /// `customer.created`
    CustomerCreated,
    /// Data of a customer changed.
    /// `customer.updated`
    CustomerUpdated,
    /// A newsletter's subscriber gave the double opt-in: the sign-up counts from now on.
    /// `customer.confirmed`
    CustomerConfirmed,
    /// A customer was attributed to a partner.
    /// `customer.attributed`
    CustomerAttributed,
    /// A person gave a customer to another partner, or took it from the one that it had.
    /// `customer.reassigned`
    CustomerReassigned,
    /// A sale was recorded.
    /// `transaction.recorded`
    TransactionRecorded,
    /// A sale was refunded, charged back or declared void, or its dispute was won; also before the sale itself arrived.
    /// `transaction.adjusted`
    TransactionAdjusted,
    /// An exchange rate to the program's currency was stored.
    /// `rate.stored`
    RateStored,
    /// A reward was earned.
    /// `reward.created`
    RewardCreated,
    /// A reward's hold ended: it is available.
    /// `reward.released`
    RewardReleased,
    /// A reward under hold or review was rejected by a person.
    /// `reward.rejected`
    RewardRejected,
    /// A reward under review was approved by a person.
    /// `reward.approved`
    RewardApproved,
    /// What is left of a reward changed, to `net`: it fell by a refund, chargeback or void, or rose again by a won dispute.
    /// `reward.reversed`
    RewardReversed,
    /// A partner or a customer redeemed what they had available.
    /// `balance.redeemed`
    BalanceRedeemed,
    /// How payouts of a program, a group or a partner are made changed.
    /// `payout_policy.updated`
    PayoutPolicyUpdated,
    /// A partner's money goes to another place from now on.
    /// `payout_method.changed`
    PayoutMethodChanged,
    /// The place where a partner's money went was put away: it is paid nowhere until there is another.
    /// `payout_method.archived`
    PayoutMethodArchived,
    /// A payout was asked for; its amount is reserved. Also when it was asked for again after changes.
    /// `payout.requested`
    PayoutRequested,
    /// A requested payout was approved.
    /// `payout.approved`
    PayoutApproved,
    /// A requested payout was rejected; its amount is available again.
    /// `payout.rejected`
    PayoutRejected,
    /// Changes of a requested payout were asked for.
    /// `payout.changes_requested`
    PayoutChangesRequested,
    /// A payout was taken into a batch, or made by one.
    /// `payout.batched`
    PayoutBatched,
    /// A payout was taken back before it was sent; its amount is available again.
    /// `payout.cancelled`
    PayoutCancelled,
    /// A payout is on its way.
    /// `payout.sent`
    PayoutSent,
    /// A payout arrived.
    /// `payout.paid`
    PayoutPaid,
    /// A payout could not be made; its amount is available again.
    /// `payout.failed`
    PayoutFailed,
    /// A payout that was made came back; its amount is available again.
    /// `payout.returned`
    PayoutReturned,
    /// Payouts and total of a batch are fixed; it can be approved.
    /// `payout_batch.frozen`
    PayoutBatchFrozen,
    /// A batch was approved.
    /// `payout_batch.approved`
    PayoutBatchApproved,
    /// A batch is executed from now on.
    /// `payout_batch.executed`
    PayoutBatchExecuted,
    /// All payouts of a batch have come to an end.
    /// `payout_batch.completed`
    PayoutBatchCompleted,
    /// A batch was cancelled.
    /// `payout_batch.cancelled`
    PayoutBatchCancelled,
    /// The statement of a month was made.
    /// `statement.ready`
    StatementReady,
    /// Somebody was invited to the team.
    /// `invite.created`
    InviteCreated,
    /// An invite was sent again with a new link; the links before it are dead.
    /// `invite.resent`
    InviteResent,
    /// An invite was taken back.
    /// `invite.revoked`
    InviteRevoked,
    /// An invite was accepted.
    /// `invite.accepted`
    InviteAccepted,
    /// Nobody accepted an invite in its time.
    /// `invite.expired`
    InviteExpired,
    /// The mail server refused the email of an invite for good.
    /// `invite.bounced`
    InviteBounced,
    /// A user became a member of the account.
    /// `member.joined`
    MemberJoined,
    /// Role or programs of a member changed.
    /// `member.updated`
    MemberUpdated,
    /// A user is no member of the account any more.
    /// `member.removed`
    MemberRemoved,
    /// An API key was revoked.
    /// `api_key.revoked`
    ApiKeyRevoked,
}
