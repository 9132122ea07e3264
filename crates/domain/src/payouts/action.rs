use super::PayoutStatus;
use crate::text_enum;

text_enum! {
    /// What a person can do with a payout.
    PayoutAction {
        /// It is paid with the next batch.
        Approve = "APPROVE",
        /// It is not paid.
        Reject = "REJECT",
        /// Something is to be changed first.
        RequestChanges = "REQUEST_CHANGES",
        /// It is asked for again, after changes.
        Resubmit = "RESUBMIT",
        /// Whoever asked takes it back.
        Withdraw = "WITHDRAW",
        /// Whoever decides takes it back.
        Cancel = "CANCEL",
        /// It arrived.
        MarkPaid = "MARK_PAID",
        /// It could not be made, or came back.
        MarkFailed = "MARK_FAILED",
    }
}

impl PayoutAction {
    /// Whether it starts from this state. What a provider tells of, people do not mark.
    pub fn allowed_from(self, status: PayoutStatus) -> bool {
        use PayoutStatus as S;
        match self {
            Self::Approve | Self::RequestChanges => status == S::Requested,
            Self::Reject | Self::Withdraw => matches!(status, S::Requested | S::NeedsChanges),
            Self::Resubmit => status == S::NeedsChanges,
            Self::Cancel => matches!(status, S::Requested | S::NeedsChanges | S::Approved),
            Self::MarkPaid => status == S::Sending,
            Self::MarkFailed => matches!(status, S::Sending | S::Paid),
        }
    }

    /// Whether it says what became of a payout that was sent.
    pub fn settles(self) -> bool {
        matches!(self, Self::MarkPaid | Self::MarkFailed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_follow_what() {
        let arrows = |status| {
            let allowed = PayoutAction::ALL.iter().filter(|action| action.allowed_from(status));
            allowed.map(|action| action.as_str()).collect::<Vec<_>>().join(" ")
        };
        for (status, expected) in [
            (PayoutStatus::Requested, "APPROVE REJECT REQUEST_CHANGES WITHDRAW CANCEL"),
            (PayoutStatus::NeedsChanges, "REJECT RESUBMIT WITHDRAW CANCEL"),
            (PayoutStatus::Approved, "CANCEL"),
            (PayoutStatus::Batched, ""),
            (PayoutStatus::Sending, "MARK_PAID MARK_FAILED"),
            (PayoutStatus::Paid, "MARK_FAILED"),
            (PayoutStatus::Failed, ""),
            (PayoutStatus::Returned, ""),
            (PayoutStatus::Rejected, ""),
            (PayoutStatus::Cancelled, ""),
        ] {
            assert_eq!(arrows(status), expected, "{status}");
        }
    }
}
