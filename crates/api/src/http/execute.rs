use async_graphql::{Request, Response};
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{app::App, refusal::Refusal, request_info::Deadline};

/// Runs an operation in a task of its own and waits for it until the deadline.
///
/// A client that leaves, or that is told `DEADLINE`, only stops waiting: the operation runs on to its commit or its
/// `statement_timeout`. Dropped in mid-transaction instead, it would leave a connection that still holds its locks.
pub(crate) async fn run(app: &App, mut request: Request) -> Result<Response, Refusal> {
    let permit = app.in_flight.clone().try_acquire_owned().map_err(|_| Refusal::overloaded())?;
    let deadline = Deadline { at: Instant::now() + app.config.deadline, passed: CancellationToken::new() };
    request.data.insert(deadline.clone());
    let mut execution = (app.execute)(request);
    let Deadline { at, passed } = deadline;
    let task = async move {
        let _held_to_the_end = permit;
        tokio::select! {
            response = &mut execution => response,
            () = sleep_until(at) => {
                passed.cancel();
                execution.await
            }
        }
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
