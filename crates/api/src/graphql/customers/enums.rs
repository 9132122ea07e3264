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
