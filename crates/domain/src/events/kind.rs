use crate::text_enum;

text_enum! {
    /// What kinds of events there are. The word is the topic that integrators subscribe to.
    EventKind {
        /// A program was created, as a draft.
        ProgramCreated = "program.created",
        /// Settings of a program changed.
        ProgramUpdated = "program.updated",
        /// A program began to record sales.
        ProgramActivated = "program.activated",
        /// A program stopped attributing new customers.
        ProgramPaused = "program.paused",
        /// A program was closed.
        ProgramArchived = "program.archived",
        /// A version of terms was published.
        TermsPublished = "terms.published",
        /// Somebody applied to become a partner.
        PartnerApplied = "partner.applied",
        /// A partner was approved, or created as approved.
        PartnerApproved = "partner.approved",
        /// An application was rejected.
        PartnerRejected = "partner.rejected",
        /// A partner was suspended, and earns nothing new.
        PartnerSuspended = "partner.suspended",
        /// A suspended partner earns again.
        PartnerReinstated = "partner.reinstated",
        /// Data of a partner changed.
        PartnerUpdated = "partner.updated",
        /// A link was created.
        LinkCreated = "link.created",
        /// A link changed.
        LinkUpdated = "link.updated",
        /// A customer was seen for the first time.
        CustomerCreated = "customer.created",
        /// Data of a customer changed.
        CustomerUpdated = "customer.updated",
        /// A newsletter's subscriber gave the double opt-in: the sign-up counts from now on.
        CustomerConfirmed = "customer.confirmed",
        /// A customer was attributed to a partner.
        CustomerAttributed = "customer.attributed",
        /// A person gave a customer to another partner, or took it from the one that it had.
        CustomerReassigned = "customer.reassigned",
        /// A sale was recorded.
        TransactionRecorded = "transaction.recorded",
        /// A sale was refunded, charged back or declared void, or its dispute was won; also before the sale itself arrived.
        TransactionAdjusted = "transaction.adjusted",
        /// An exchange rate to the program's currency was stored.
        RateStored = "rate.stored",
        /// A reward was earned.
        RewardCreated = "reward.created",
        /// A reward's hold ended: it is available.
        RewardReleased = "reward.released",
        /// A reward under hold or review was rejected by a person.
        RewardRejected = "reward.rejected",
        /// A reward under review was approved by a person.
        RewardApproved = "reward.approved",
        /// What is left of a reward changed: by a refund, chargeback or void, or back by a won dispute.
        RewardReversed = "reward.reversed",
        /// A partner or a customer redeemed what they had available.
        BalanceRedeemed = "balance.redeemed",
        /// How payouts of a program, a group or a partner are made changed.
        PayoutPolicyUpdated = "payout_policy.updated",
        /// A partner's money goes to another place from now on.
        PayoutMethodChanged = "payout_method.changed",
        /// The place where a partner's money went was put away: it is paid nowhere until there is another.
        PayoutMethodArchived = "payout_method.archived",
        /// A payout was asked for; its amount is reserved. Also when it was asked for again after changes.
        PayoutRequested = "payout.requested",
        /// A requested payout was approved.
        PayoutApproved = "payout.approved",
        /// A requested payout was rejected; its amount is available again.
        PayoutRejected = "payout.rejected",
        /// Changes of a requested payout were asked for.
        PayoutChangesRequested = "payout.changes_requested",
        /// A payout was taken into a batch, or made by one.
        PayoutBatched = "payout.batched",
        /// A payout was taken back before it was sent; its amount is available again.
        PayoutCancelled = "payout.cancelled",
        /// A payout is on its way.
        PayoutSent = "payout.sent",
        /// A payout arrived.
        PayoutPaid = "payout.paid",
        /// A payout could not be made; its amount is available again.
        PayoutFailed = "payout.failed",
        /// A payout that was made came back; its amount is available again.
        PayoutReturned = "payout.returned",
        /// Payouts and total of a batch are fixed; it can be approved.
        PayoutBatchFrozen = "payout_batch.frozen",
        /// A batch was approved.
        PayoutBatchApproved = "payout_batch.approved",
        /// A batch is executed from now on.
        PayoutBatchExecuted = "payout_batch.executed",
        /// All payouts of a batch have come to an end.
        PayoutBatchCompleted = "payout_batch.completed",
        /// A batch was cancelled.
        PayoutBatchCancelled = "payout_batch.cancelled",
        /// The statement of a month was made.
        StatementReady = "statement.ready",
        /// Somebody was invited to the team.
        InviteCreated = "invite.created",
        /// An invite was sent again with a new link; the links before it are dead.
        InviteResent = "invite.resent",
        /// An invite was taken back.
        InviteRevoked = "invite.revoked",
        /// An invite was accepted.
        InviteAccepted = "invite.accepted",
        /// Nobody accepted an invite in its time.
        InviteExpired = "invite.expired",
        /// The mail server refused the email of an invite for good.
        InviteBounced = "invite.bounced",
        /// A user became a member of the account.
        MemberJoined = "member.joined",
        /// Role or programs of a member changed.
        MemberUpdated = "member.updated",
        /// A user is no member of the account any more.
        MemberRemoved = "member.removed",
        /// An API key was revoked.
        ApiKeyRevoked = "api_key.revoked",
    }
}
