//! What one sees first: all programs of the account at once.

mod action_items;
mod object;
mod screens;
mod setup;
mod subscription;

pub use action_items::{ActionItem, ActionItemKind, Severity};
use async_graphql::{Context, Object};
use ids::ProgramId;
pub use object::Overview;
pub use setup::{SetupStep, SetupStepKey};
pub use subscription::{OverviewHint, OverviewSubscription};

use super::{
    context::Request,
    error::ApiError,
    guard::{Needs, Permission, needs},
};

/// What can be asked about all programs at once.
#[derive(Default)]
pub struct OverviewQuery;

#[Object]
impl OverviewQuery {
    /// All programs in reach at once, or those that are named.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn overview(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Only these programs, at most 100; what is not in reach is left out.",
            validator(max_items = 100)
        )]
        program_ids: Option<Vec<ProgramId>>,
    ) -> Result<Overview, ApiError> {
        Ok(Overview { scope: Request::of(ctx).scope()?.narrowed_to(program_ids) })
    }
}
