use async_graphql::{Request, Response, parser::types::OperationType};
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{app::App, refusal::Refusal, request_info::Deadline};

/// Runs an operation in a task of its own and waits for it until the deadline.
///
/// A client that leaves, or that is told `DEADLINE`, only stops waiting: the operation runs on to its commit or its
/// `statement_timeout`, and only then wakes the workers. Dropped in mid-transaction instead, it would leave a connection that still holds its locks.
pub(crate) async fn run(app: &App, mut request: Request, kind: OperationType) -> Result<Response, Refusal> {
    let permit = app.in_flight.clone().try_acquire_owned().map_err(|_| Refusal::overloaded())?;
    let deadline = Deadline { at: Instant::now() + app.config.deadline, passed: CancellationToken::new() };
    request.data.insert(deadline.clone());
    let mut execution = (app.execute)(request);
    let Deadline { at, passed } = deadline;
    let wake = (kind == OperationType::Mutation).then(|| app.wake.clone());
    let task = async move {
        let _held_to_the_end = permit;
        let response = tokio::select! {
            response = &mut execution => response,
            () = sleep_until(at) => {
                passed.cancel();
                execution.await
            }
        };
        if let Some(wake) = wake {
            wake.wake();
        }
        response
    };
    match timeout_at(at, app.running.spawn(task.in_current_span())).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) => {
            tracing::error!(panicked = error.is_panic(), "an operation did not come to its end");
            Err(Refusal::internal())
        }
        Err(_) => Err(Refusal::deadline()),
    }
}
