use std::sync::Arc;

use ::queue::QueueFigures;
use async_graphql::{Context, Subscription};
use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream, stream::BoxStream};

use super::Queue;
use crate::graphql::{
    error::ApiError,
    guard::{Operates, operators},
    live,
};

/// What can be followed about queues.
#[derive(Default)]
pub struct OperationsSubscription;

#[Subscription]
impl OperationsSubscription {
    /// All queues of the instance with what is in them: as they are, and then whenever that has changed, at most once a second.
    #[graphql(directive = operators::apply(), guard = "Operates")]
    async fn queues(&self, ctx: &Context<'_>) -> Result<BoxStream<'static, Vec<Queue>>, ApiError> {
        let counted = live::of(ctx)?.figures.watch();
        let shown: Arc<Vec<QueueFigures>> = Arc::default();
        let figures = stream::unfold((counted, shown), |(mut counted, shown)| async move {
            let is_news = |now: &crate::live::Counted| now.as_ref().is_some_and(|now| differ(now, &shown));
            let now = counted.wait_for(is_news).await.ok()?.clone()?;
            let queues = now.iter().cloned().map(Queue).collect();
            Some((queues, (counted, now)))
        });
        Ok(figures.boxed())
    }
}

/// Whether there is more to tell than that time has passed. While a job waits, its age is news.
fn differ(now: &[QueueFigures], shown: &[QueueFigures]) -> bool {
    let timeless =
        |figures: &QueueFigures| QueueFigures { taken_at: DateTime::<Utc>::UNIX_EPOCH, ..figures.clone() };
    let is_other = now.len() != shown.len()
        || now.iter().zip(shown).any(|(now, shown)| timeless(now) != timeless(shown));
    let has_aged = now.iter().any(|figures| figures.oldest_ready_at.is_some())
        && now.first().map(|figures| figures.taken_at) != shown.first().map(|figures| figures.taken_at);
    is_other || has_aged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_alone_is_no_news_unless_a_job_waits() {
        let at = |second: i64| DateTime::<Utc>::from_timestamp(second, 0).unwrap();
        let figures = |taken: i64, ready: i64, since: Option<i64>| QueueFigures {
            queue: "rewards".to_owned(),
            ready,
            scheduled: 0,
            running: 0,
            dead: 0,
            oldest_ready_at: since.map(at),
            paused: false,
            ended_lately: 0,
            taken_at: at(taken),
        };
        let differ = |now: QueueFigures, shown: QueueFigures| differ(&[now], &[shown]);
        assert!(!differ(figures(2, 0, None), figures(1, 0, None)));
        assert!(differ(figures(2, 1, Some(1)), figures(1, 0, None)));
        assert!(differ(figures(3, 1, Some(1)), figures(2, 1, Some(1))));
        assert!(!differ(figures(3, 1, Some(1)), figures(3, 1, Some(1))));
        assert!(super::differ(&[figures(1, 0, None)], &[]));
    }
}
