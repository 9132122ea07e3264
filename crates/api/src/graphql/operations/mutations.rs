use async_graphql::{Context, Object};
use domain::operations;
use ids::JobId;

use super::{JobPayload, JobsRetryInput, JobsRetryPayload, Operation, Queue, QueuePayload, load, reach};
use crate::graphql::{
    context::Request,
    error::{ApiError, Refusal, UserError, UserErrorCode},
    guard::{Needs, Operates, Permission, needs, operators},
};

/// What can be done with queues and jobs.
#[derive(Default)]
pub struct OperationsMutation;

#[Object]
impl OperationsMutation {
    /// Gives a dead job all its attempts again, at once, and answers with the job that runs: another one, if one of the same
    /// kind about the same thing waits already. A program that stands before a fact that cannot be computed tries it again.
    #[graphql(directive = needs::apply(Permission::Operations), guard = "Needs(Permission::Operations)")]
    async fn job_retry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`job_...`")] id: JobId,
    ) -> Result<JobPayload, ApiError> {
        let request = Request::of(ctx);
        let scope = reach(&request.viewer)?;
        JobPayload::of(operations::retry(&mut *request.conn().await?, scope, id, &request.act).await)
    }

    /// Ends a job that waits; one that runs cannot be cancelled.
    #[graphql(directive = needs::apply(Permission::Operations), guard = "Needs(Permission::Operations)")]
    async fn job_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`job_...`")] id: JobId,
    ) -> Result<JobPayload, ApiError> {
        let request = Request::of(ctx);
        let scope = reach(&request.viewer)?;
        JobPayload::of(operations::cancel(&mut *request.conn().await?, scope, id, &request.act).await)
    }

    /// Retries many dead jobs.
    #[graphql(directive = needs::apply(Permission::Operations), guard = "Needs(Permission::Operations)")]
    async fn jobs_retry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] input: JobsRetryInput,
    ) -> Result<JobsRetryPayload, ApiError> {
        match (input.ids, input.filter) {
            (Some(ids), None) => retry_these(ctx, &ids).await,
            (None, Some(filter)) => {
                let request = Request::of(ctx);
                let scope = reach(&request.viewer)?;
                let filter = filter.within(scope)?;
                let retried =
                    operations::retry_dead(&mut *request.conn().await?, scope, &filter, &request.act).await?;
                let goes_on_as = match &retried.operation {
                    Some(operation) => load(ctx, operation.job_id).await?,
                    None => None,
                };
                let operation = retried.operation.map(Operation);
                let retried = i32::try_from(retried.jobs).unwrap_or(i32::MAX);
                Ok(JobsRetryPayload { retried, goes_on_as, operation, user_errors: Vec::new() })
            }
            _ => {
                let sentence = "Name either ids or a filter.";
                let user_errors = vec![UserError::at(&["input"], UserErrorCode::Invalid, sentence)];
                Ok(JobsRetryPayload { retried: 0, goes_on_as: None, operation: None, user_errors })
            }
        }
    }

    /// Stops a queue: nothing of it is started; what runs ends.
    #[graphql(directive = operators::apply(), guard = "Operates")]
    async fn queue_pause(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name of the queue, such as `emails`.")] name: String,
    ) -> Result<QueuePayload, ApiError> {
        let request = Request::of(ctx);
        let Ok(queue) = name.parse() else { return no_such_queue() };
        operations::pause(&mut *request.conn().await?, queue, &request.act).await?;
        as_it_is(ctx, queue).await
    }

    /// Lets a queue go on.
    #[graphql(directive = operators::apply(), guard = "Operates")]
    async fn queue_resume(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name of the queue, such as `emails`.")] name: String,
    ) -> Result<QueuePayload, ApiError> {
        let request = Request::of(ctx);
        let Ok(queue) = name.parse() else { return no_such_queue() };
        operations::resume(&mut *request.conn().await?, queue, &request.act).await?;
        as_it_is(ctx, queue).await
    }
}

/// Retries each of them by itself: one that cannot be retried is no obstacle to the others.
async fn retry_these(ctx: &Context<'_>, ids: &[JobId]) -> Result<JobsRetryPayload, ApiError> {
    let request = Request::of(ctx);
    let scope = reach(&request.viewer)?;
    let mut conn = request.conn().await?;
    let (mut retried, mut user_errors) = (0, Vec::new());
    for (place, id) in ids.iter().enumerate() {
        match operations::retry(&mut conn, scope, *id, &request.act).await.map_err(Refusal::from) {
            Ok(_) => retried += 1,
            Err(Refusal::User(errors)) => {
                let place = place.to_string();
                let path = ["input", "ids", &place].map(str::to_owned).to_vec();
                user_errors
                    .extend(errors.into_iter().map(|error| UserError { field: Some(path.clone()), ..error }));
            }
            Err(Refusal::Api(error)) => return Err(error),
        }
    }
    Ok(JobsRetryPayload { retried, goes_on_as: None, operation: None, user_errors })
}

async fn as_it_is(ctx: &Context<'_>, queue: ::queue::Queue) -> Result<QueuePayload, ApiError> {
    let request = Request::of(ctx);
    let figures = ::queue::figures(&mut *request.conn().await?, request.act.now).await?;
    let queue = figures.into_iter().find(|figures| figures.queue == queue.as_str()).map(Queue);
    Ok(QueuePayload { queue, user_errors: Vec::new() })
}

fn no_such_queue() -> Result<QueuePayload, ApiError> {
    Ok(QueuePayload { queue: None, user_errors: vec![UserError::not_found("name", "queue")] })
}
