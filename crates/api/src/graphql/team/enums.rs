use async_graphql::Enum;

/// Where an invite stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::team::invites::InviteStatus")]
pub enum InviteStatus {
    /// Waits to be accepted.
    Pending,
    /// Somebody joined by it.
    Accepted,
    /// Taken back.
    Revoked,
    /// Not accepted within seven days; sending it again makes it pending.
    Expired,
}

/// What became of an invite's latest email.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::team::invites::InviteDelivery")]
pub enum InviteDelivery {
    /// To be sent, perhaps again.
    Queued,
    /// Taken by the mail server.
    Sent,
    /// Refused by the mail server for good: the address is wrong, or refuses us.
    Bounced,
    /// Its attempts are used up, over about a day.
    Failed,
}

/// What was done about an address that was to be invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum InviteOutcome {
    /// It was invited just now.
    Invited,
    /// It has a pending invite already, which stays as it is: see `invite`.
    AlreadyInvited,
    /// It is the address of a member.
    AlreadyMember,
    /// The account had ten emails sent to it within a day, by invites that were taken back, accepted or expired: try again
    /// later.
    Limited,
}
