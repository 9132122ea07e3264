//! The event feed.

mod enums;
mod subscription;

use std::sync::Arc;

use async_graphql::{Context, ID, Json, Object};
use chrono::{DateTime, Utc};
use domain::page::PageArgs;
use enums::EventTopic;
use ids::EventId;
pub use subscription::EventSubscription;

use super::{
    connection::{self, connection},
    context::Request,
    error::ApiError,
    guard::{Needs, Permission, needs},
    loading::load_by_id,
    scalars::BigInt,
};

load_by_id!(EventId => Event of domain::events::Event);

/// Something that happened. Events are never changed or deleted, and have one order without holes.
#[derive(Clone)]
pub struct Event(pub Arc<domain::events::Event>);

impl From<domain::events::Event> for Event {
    fn from(event: domain::events::Event) -> Self {
        Self(Arc::new(event))
    }
}

/// Something that happened. Events are never changed or deleted, and have one order without holes.
#[Object]
impl Event {
    /// `evt_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// What happened.
    async fn topic(&self) -> EventTopic {
        self.0.kind.into()
    }

    /// The id of what it happened to.
    async fn subject_id(&self) -> ID {
        ID(self.0.subject.clone())
    }

    /// The program that it happened in, if in one.
    async fn program_id(&self) -> Option<ID> {
        self.0.program_id.map(Into::into)
    }

    /// Who did it: the id of a user, API key or job, or `system`.
    async fn actor(&self) -> &str {
        &self.0.actor
    }

    /// Ids and small facts; no personal data. Amounts are whole minor units of the `currency` beside them: 2000 is 20.00 EUR. Each
    /// kind has a sample in `docs/events.md`.
    async fn payload(&self) -> Json<&serde_json::Value> {
        Json(&self.0.payload)
    }

    /// The place in the feed. It grows, with gaps where other accounts' events stand.
    async fn position(&self) -> BigInt {
        BigInt(self.0.position.unwrap_or_default())
    }

    /// When it happened.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }
}

connection!(
    /// Events, in the order of the feed: the oldest first.
    EventConnection, EventEdge, Event, domain::events::Event, |row| row.position.unwrap_or_default()
);

/// What can be asked about events.
#[derive(Default)]
pub struct EventQuery;

#[Object]
impl EventQuery {
    /// The feed, oldest first. Keep the last cursor and ask again with it as `after`: nothing ever appears at or before
    /// a cursor that was handed out, and nothing is shown twice.
    #[graphql(directive = needs::apply(Permission::AuditRead), guard = "Needs(Permission::AuditRead)")]
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 50, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last event seen.")] after: Option<String>,
        #[graphql(desc = "Of these topics; of all when left out.", validator(max_items = 100))]
        topics: Option<Vec<EventTopic>>,
    ) -> Result<EventConnection, ApiError> {
        let request = Request::of(ctx);
        let kinds: Vec<_> = topics.unwrap_or_default().into_iter().map(Into::into).collect();
        let page = PageArgs::new(first.into(), connection::key(after)?);
        let mut conn = request.conn().await?;
        let rows = domain::events::Event::feed(&mut conn, request.scope()?, &kinds, page).await?;
        let total = match connection::wants_total(ctx) {
            true => Some(
                domain::events::Event::count(&mut conn, request.scope()?, &kinds, connection::COUNT_CAP)
                    .await?,
            ),
            false => None,
        };
        Ok(EventConnection::of(rows, page.after.is_none(), total))
    }

    /// The event of this id, or null.
    #[graphql(directive = needs::apply(Permission::AuditRead), guard = "Needs(Permission::AuditRead)")]
    async fn event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`evt_...`")] id: EventId,
    ) -> Result<Option<Event>, ApiError> {
        Request::loader(ctx)?.load_one(id).await
    }
}
