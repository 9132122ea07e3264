use std::sync::Arc;

use async_graphql::{Context, Subscription};
use futures_util::{StreamExt, stream, stream::BoxStream};
use ids::ProgramId;

use super::{Event, EventEdge, EventTopic};
use crate::{
    graphql::{
        connection,
        context::Request,
        error::ApiError,
        guard::{Needs, Permission, needs},
        live,
    },
    live::{Follow, Resume, Wanted},
};

/// What can be followed about events.
#[derive(Default)]
pub struct EventSubscription;

#[Subscription]
impl EventSubscription {
    /// The feed as it grows: all events behind the cursor, then the new ones, each once and in order. Without a cursor the
    /// new ones only. Keep the last cursor and subscribe again with it as `after` when the connection is lost.
    #[graphql(directive = needs::apply(Permission::AuditRead), guard = "Needs(Permission::AuditRead)")]
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cursor of the last event seen.")] after: Option<String>,
        #[graphql(desc = "Of these topics; of all when left out.", validator(max_items = 100))]
        topics: Option<Vec<EventTopic>>,
        #[graphql(
            desc = "Of these programs, at most 100; what is not in reach is left out.",
            validator(max_items = 100)
        )]
        program_ids: Option<Vec<ProgramId>>,
    ) -> Result<BoxStream<'static, EventEdge>, ApiError> {
        let scope = Request::of(ctx).scope()?.narrowed_to(program_ids);
        let kinds = topics.unwrap_or_default().into_iter().map(Into::into).collect();
        let after: Option<i64> = connection::key(after)?;
        let (live, resume) = (live::of(ctx)?, live::resume(ctx));
        let begin = |newest| resume.start(after.unwrap_or(newest).max(0));
        let follow = live.hub.follow(Wanted { scope, kinds }, begin).await;
        Ok(edges(follow, resume))
    }
}

fn edges(follow: Follow, resume: Resume) -> BoxStream<'static, EventEdge> {
    let stretches = stream::unfold(follow, |mut follow| async move { Some((follow.next().await, follow)) });
    let edge = move |event: Arc<domain::events::Event>| {
        let position = event.position.unwrap_or_default();
        resume.hand_on(position);
        EventEdge { cursor: connection::cursor(position), node: Event(event) }
    };
    stretches.flat_map(stream::iter).map(edge).boxed()
}
