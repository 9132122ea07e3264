use async_graphql::Enum;

/// What kind of program it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::programs::ProgramKind")]
pub enum ProgramKind {
    /// Partners bring customers and earn.
    Affiliate,
}

/// Where a program stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::programs::ProgramStatus")]
pub enum ProgramStatus {
    /// Being set up; refuses sales.
    Draft,
    /// Open.
    Active,
    /// Records sales and rewards them, but attributes nobody new.
    Paused,
    /// Closed for good; refuses sales.
    Archived,
}

/// Which version of the terms holds for customers who came under an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::programs::Grandfathering")]
pub enum Grandfathering {
    /// The version at the time of the customer's attribution.
    Keep,
    /// The version at the time of the sale.
    Follow,
}

/// How a referral link names its partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::programs::LinkStyle")]
pub enum LinkStyle {
    /// `https://example.com/?via=slug`
    Query,
    /// `https://example.com/slug`
    Path,
}

/// Which of several clicks wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::programs::AttributionModel")]
pub enum AttributionModel {
    /// The earliest in the window.
    FirstClick,
    /// The latest in the window.
    LastClick,
}
