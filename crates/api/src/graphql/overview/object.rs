use async_graphql::{Context, Object};
use domain::{
    page::{MAX_PAGE, PageArgs},
    programs::ProgramFilter,
    scope::AccountScope,
};

use super::{
    action_items::{self, ActionItem},
    setup::{self, SetupStep},
};
use crate::graphql::{
    context::Request,
    error::ApiError,
    events::Event,
    guard::{Needs, Permission, needs},
    programs::Program,
    stats::OverviewFigures,
};

/// All programs in reach at once, or those that were named.
pub struct Overview {
    /// The programs that it is about.
    pub scope: AccountScope,
}

/// All programs in reach at once, or those that were named.
#[Object]
impl Overview {
    /// What waits for a person, the most urgent first. Each item is shown to who may see what waits; what belongs to no
    /// program only where all programs are asked about by somebody who reaches all.
    async fn action_items(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25, desc = "How many items, at most 100.")] first: i32,
    ) -> Result<Vec<ActionItem>, ApiError> {
        action_items::open(ctx, &self.scope, first.into()).await
    }

    /// The programs that it is about, newest first, at most 100.
    async fn programs(&self, ctx: &Context<'_>) -> Result<Vec<Program>, ApiError> {
        let mut conn = Request::of(ctx).conn().await?;
        let page = PageArgs::new(MAX_PAGE, None);
        let page =
            domain::programs::Program::list(&mut conn, &self.scope, &ProgramFilter::default(), page).await?;
        Ok(page.rows.into_iter().map(Program::from).collect())
    }

    /// What happened last, the newest first.
    #[graphql(directive = needs::apply(Permission::AuditRead), guard = "Needs(Permission::AuditRead)")]
    async fn recent_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 10, desc = "How many events, at most 100.")] first: i32,
    ) -> Result<Vec<Event>, ApiError> {
        let mut conn = Request::of(ctx).conn().await?;
        let recent = domain::events::Event::recent(&mut conn, &self.scope, first.into()).await?;
        Ok(recent.into_iter().map(Event::from).collect())
    }

    /// The steps from a new account to its first sale, in the order that they are done in. Each is shown to who may see what
    /// it is about.
    async fn setup(&self, ctx: &Context<'_>) -> Result<Vec<SetupStep>, ApiError> {
        setup::steps(ctx, &self.scope).await
    }

    #[graphql(flatten)]
    async fn figures(&self) -> OverviewFigures<'_> {
        OverviewFigures(&self.scope)
    }
}
