//! Operations: the queues of the instance, and the jobs in them. Instance operators see everything; members with
//! OPERATIONS see, retry and cancel the jobs of their own account.

mod inputs;
mod job;
mod loader;
mod mutations;
mod operation;
mod payloads;
mod queue;
mod subscription;

use async_graphql::{Context, Object, dataloader::DataLoader};
use domain::{operations::JobScope, page::Page, page::PageArgs};
use ids::{JobId, OperationId};
pub use inputs::{JobFilter, JobsRetryInput};
pub use job::{Job, JobAttempt, JobState};
pub use loader::JobLoader;
pub use mutations::OperationsMutation;
pub use operation::{Operation, OperationKind, OperationState};
pub use payloads::{JobPayload, JobsRetryPayload, QueuePayload};
pub use queue::Queue;
pub use subscription::OperationsSubscription;

use super::{
    connection::{self, COUNT_CAP, connection},
    context::Request,
    error::ApiError,
    guard::{Needs, Operates, Permission, needs, operators},
};
use crate::auth::Viewer;

connection!(
    /// Jobs, newest first. A page may have fewer rows than asked for, or none, and yet have a next one: of the jobs that
    /// ended, each page looks through at most 2,000 of those that are kept for 7 days and of those kept for 90.
    JobConnection, JobEdge, Job, ::queue::find::JobRow, |row| row.id
);

/// The most rows of a page.
const MAX_PAGE: usize = 100;

/// The jobs that a viewer reaches.
///
/// # Errors
/// When they reach no account. Guarded fields never get there.
pub fn reach(viewer: &Viewer) -> Result<JobScope, ApiError> {
    match &viewer.reach {
        _ if viewer.operates => Ok(JobScope::Instance),
        Some(reach) if reach.scope.is_whole() => Ok(JobScope::Account(reach.scope.account_id)),
        Some(_) => Ok(JobScope::Nothing),
        None => Err(viewer.unreached()),
    }
}

/// The job of this id, if it is in reach.
///
/// # Errors
/// When the database fails.
pub async fn load(ctx: &Context<'_>, id: JobId) -> Result<Option<Job>, ApiError> {
    match ctx.data::<DataLoader<JobLoader>>() {
        Ok(loader) => loader.load_one(id).await,
        Err(_) => Ok(None),
    }
}

/// The operation of this id, if it is in reach.
///
/// # Errors
/// When the database fails, or the viewer reaches no account.
pub async fn load_operation(ctx: &Context<'_>, id: OperationId) -> Result<Option<Operation>, ApiError> {
    let request = Request::of(ctx);
    let scope = reach(&request.viewer)?;
    let found = domain::operations::Operation::find(&mut *request.conn().await?, scope, id).await?;
    Ok(found.map(Operation))
}

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

    /// The jobs of the account, newest first; for operators of the instance those of all accounts and of the system. Who is
    /// limited to some programs sees none.
    #[graphql(directive = needs::apply(Permission::Operations), guard = "Needs(Permission::Operations)")]
    async fn jobs(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 50, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen, or the end of the last page.")] after: Option<
            String,
        >,
        #[graphql(desc = "Which jobs.")] filter: Option<JobFilter>,
    ) -> Result<JobConnection, ApiError> {
        let request = Request::of(ctx);
        let scope = reach(&request.viewer)?;
        let page: PageArgs<JobId> = PageArgs::new(first.into(), connection::key(after)?);
        let filter = filter.unwrap_or_default().within(scope)?;
        if scope == JobScope::Nothing {
            return Ok(JobConnection::of(Page::of(Vec::new(), &page), page.after.is_none(), None));
        }
        let mut conn = request.conn().await?;
        let first = usize::try_from(first).unwrap_or(0).min(MAX_PAGE);
        let listed = ::queue::find::list(&mut conn, &filter, page.after, first).await?;
        let counted = match connection::wants_total(ctx) {
            true => Some(::queue::find::count(&mut conn, &filter, COUNT_CAP).await?),
            false => None,
        };
        let rows = Page { rows: listed.rows, has_next: listed.has_next };
        let total = counted.map(|(total, _)| total);
        let mut connection = JobConnection::of(rows, page.after.is_none(), total);
        connection.total_count_capped = counted.is_some_and(|(_, is_cut)| is_cut);
        if let Some(looked_to) = listed.looked_to {
            connection.page_info.end_cursor = Some(connection::cursor(looked_to));
        }
        Ok(connection)
    }

    /// The job of this id, or null.
    #[graphql(directive = needs::apply(Permission::Operations), guard = "Needs(Permission::Operations)")]
    async fn job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`job_...`")] id: JobId,
    ) -> Result<Option<Job>, ApiError> {
        load(ctx, id).await
    }

    /// The operation of this id, or null: work that you or others of the account began and that jobs go on with.
    #[graphql(directive = needs::apply(Permission::Operations), guard = "Needs(Permission::Operations)")]
    async fn operation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`opr_...`")] id: OperationId,
    ) -> Result<Option<Operation>, ApiError> {
        load_operation(ctx, id).await
    }
}
