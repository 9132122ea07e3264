use super::PartnerStatus;
use crate::{events::EventKind, text_enum};

text_enum! {
    /// What can be done to a partner's state.
    PartnerAction {
        /// A pending or rejected partner becomes one.
        Approve = "APPROVE",
        /// A pending application is turned down.
        Reject = "REJECT",
        /// An approved partner earns nothing new.
        Suspend = "SUSPEND",
        /// A suspended partner earns again.
        Reinstate = "REINSTATE",
    }
}

impl PartnerAction {
    /// Whether it starts from this state.
    pub fn allowed_from(self, status: PartnerStatus) -> bool {
        use PartnerStatus as S;
        match self {
            Self::Approve => matches!(status, S::Pending | S::Rejected),
            Self::Reject => status == S::Pending,
            Self::Suspend => status == S::Approved,
            Self::Reinstate => status == S::Suspended,
        }
    }

    /// What becomes of the partner, what is told of it, and the mutation.
    pub(super) fn outcome(self) -> (PartnerStatus, EventKind, &'static str) {
        use PartnerStatus as S;
        match self {
            Self::Approve => (S::Approved, EventKind::PartnerApproved, "partnerApprove"),
            Self::Reject => (S::Rejected, EventKind::PartnerRejected, "partnerReject"),
            Self::Suspend => (S::Suspended, EventKind::PartnerSuspended, "partnerSuspend"),
            Self::Reinstate => (S::Approved, EventKind::PartnerReinstated, "partnerReinstate"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_follow_what() {
        let arrows = |status| {
            let allowed = PartnerAction::ALL.iter().filter(|action| action.allowed_from(status));
            allowed.map(|action| action.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(arrows(PartnerStatus::Pending), ["APPROVE", "REJECT"]);
        assert_eq!(arrows(PartnerStatus::Approved), ["SUSPEND"]);
        assert_eq!(arrows(PartnerStatus::Suspended), ["REINSTATE"]);
        assert_eq!(arrows(PartnerStatus::Rejected), ["APPROVE"]);
    }
}
