use async_graphql::Enum;

/// Whether a link works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::links::LinkStatus")]
pub enum LinkStatus {
    /// Customers who come through it are the partner's.
    Active,
    /// It brings nobody any more.
    Disabled,
}
