use async_graphql::Enum;

/// Where a statement or an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::statements::PaperStatus")]
pub enum PaperStatus {
    /// Asked for; a job renders it.
    Pending,
    /// Made. It never changes any more.
    Ready,
}
