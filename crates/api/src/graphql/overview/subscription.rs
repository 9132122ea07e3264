use async_graphql::{Context, SimpleObject, Subscription};
use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream, stream::BoxStream};
use ids::ProgramId;
use tokio::time::{Instant, sleep_until};

use crate::{
    graphql::{
        context::Request,
        error::ApiError,
        guard::{Needs, Permission, needs},
        live,
    },
    live::Wanted,
};

/// Something happened that the overview shows: ask for it again.
#[derive(Debug, Clone, Copy, SimpleObject)]
pub struct OverviewHint {
    /// When the hint was given.
    at: DateTime<Utc>,
}

/// What can be followed about all programs at once.
#[derive(Default)]
pub struct OverviewSubscription;

#[Subscription]
impl OverviewSubscription {
    /// A hint that something happened in the programs in reach, or in those that are named; at most one a second, however
    /// much happened.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn overview_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Only these programs, at most 100; what is not in reach is left out.",
            validator(max_items = 100)
        )]
        program_ids: Option<Vec<ProgramId>>,
    ) -> Result<BoxStream<'static, OverviewHint>, ApiError> {
        let scope = Request::of(ctx).scope()?.narrowed_to(program_ids);
        let (live, resume) = (live::of(ctx)?.clone(), live::resume(ctx));
        let wanted = Wanted { scope, kinds: Vec::new() };
        let follow = live.hub.follow(wanted, |newest| resume.start(newest)).await;
        let hints = stream::unfold((follow, Instant::now()), move |(mut follow, not_before)| {
            let (live, resume) = (live.clone(), resume.clone());
            async move {
                sleep_until(not_before).await;
                resume.hand_on(follow.skip().await);
                let hint = OverviewHint { at: live.clock.now() };
                Some((hint, (follow, Instant::now() + live.pace.figures)))
            }
        });
        Ok(hints.boxed())
    }
}
