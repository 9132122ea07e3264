//! Operations: the queues of the instance, and the jobs in them. Instance operators see everything; members with
//! OPERATIONS see and retry the jobs of their own account.

mod queue;

use async_graphql::{Context, Object};
pub use queue::Queue;

use super::{
    context::Request,
    error::ApiError,
    guard::{Operates, operators},
};

/// What can be asked about queues and jobs.
#[derive(Default)]
pub struct OperationsQuery;

#[Object]
impl OperationsQuery {
    /// All queues of the instance with what is in them.
    #[graphql(directive = operators::apply(), guard = "Operates")]
    async fn queues(&self, ctx: &Context<'_>) -> Result<Vec<Queue>, ApiError> {
        let request = Request::of(ctx);
        let figures = ::queue::figures(&mut *request.conn().await?, request.act.now).await?;
        Ok(figures.into_iter().map(Queue).collect())
    }
}
