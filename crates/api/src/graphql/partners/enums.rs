use async_graphql::Enum;

/// Where a partner stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::partners::PartnerStatus")]
pub enum PartnerStatus {
    /// Applied, and waits for a decision.
    Pending,
    /// Earns.
    Approved,
    /// Earns nothing new.
    Suspended,
    /// The application was turned down.
    Rejected,
}

/// What can be done to a partner's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::partners::PartnerAction")]
pub enum PartnerAction {
    /// `partnerApprove`: a pending or rejected partner becomes one.
    Approve,
    /// `partnerReject`: a pending application is turned down.
    Reject,
    /// `partnerSuspend`: an approved partner earns nothing new.
    Suspend,
    /// `partnerReinstate`: a suspended partner earns again.
    Reinstate,
}
