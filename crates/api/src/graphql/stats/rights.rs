use async_graphql::Context;
use domain::{stats::Metric, team::Permission};

use crate::graphql::{context::Request, error::ApiError};

/// Passes viewers who may see what the figure counts.
pub(super) fn check(ctx: &Context<'_>, metric: Metric) -> Result<(), ApiError> {
    let needed = needed(metric);
    if Request::of(ctx).viewer.permits(needed) { Ok(()) } else { Err(ApiError::Forbidden(needed)) }
}

fn needed(metric: Metric) -> Permission {
    match metric {
        Metric::Applications | Metric::Partners => Permission::PartnersRead,
        Metric::Signups | Metric::PayingCustomers => Permission::CustomersRead,
        Metric::Sales | Metric::Revenue => Permission::TransactionsRead,
        Metric::Rewards => Permission::RewardsRead,
    }
}
