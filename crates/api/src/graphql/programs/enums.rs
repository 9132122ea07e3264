use async_graphql::Enum;

/// What kind of program it is: who brings customers, and when one counts. It stays as it was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::programs::ProgramKind")]
pub enum ProgramKind {
    /// Partners bring customers and earn.
    Affiliate,
    /// Refer-a-friend: customers bring customers. A customer who refers is enrolled, and is a partner from then on
    /// (`customerEnrol`, or by being named in `referringCustomerKey`); rules may reward both sides.
    Referral,
    /// Subscribers, who are its customers, bring subscribers. As REFERRAL; besides, one who is stored with `confirmed: false`
    /// counts only once `customerConfirm` says that the double opt-in was given.
    Newsletter,
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
    /// The version at the time of the customer's attribution. Terms for a group or a partner that were published later count too,
    /// where the group or partner had none of their own then. Milestones follow the version at the time of the event.
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
