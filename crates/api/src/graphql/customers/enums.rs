use async_graphql::Enum;

/// Where a customer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::customers::CustomerStatus")]
pub enum CustomerStatus {
    /// Signed up, has not bought.
    Lead,
    /// Has bought.
    Active,
    /// Buys no more.
    Churned,
    /// Kept for the books only.
    Archived,
}

/// What an attribution rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::attribution::AttributionSource")]
pub enum AttributionSource {
    /// A partner's link.
    Link,
    /// Your system named the partner.
    Api,
    /// A person named the partner.
    Manual,
}

/// What becomes of the rewards that were earned through a customer who is reassigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::attribution::PastRewards")]
pub enum PastRewards {
    /// They stay the partner's who earned them, and so does the sign-up in its figures.
    Keep,
    /// Whole sales move, and the sign-up: their rewards are reversed, and they are evaluated again for the new partner, with what the
    /// customer bought while they were nobody's after a partner. What was available already is taken back too, which may leave
    /// the old partner in debt. A sale or sign-up of which a reward is reserved or paid stays as it is, and so do the old partner's
    /// milestones; the sign-up moves in the figures in any case.
    /// Nothing moves of a customer who never had a partner: their attribution begins now.
    Move,
}
