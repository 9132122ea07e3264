//! From the bytes of a request to operations that may run: JSON, lexer, parser, measure.

use super::{
    admit::{Admitted, admit},
    params::Asked,
    refusal::Refusal,
};
use crate::graphql::limits::Limits;

/// Reading more bytes than this takes milliseconds, which belong to a thread that may block.
const LARGE: usize = 16 * 1024;

/// What a request asks for, within all limits.
pub(crate) enum Work {
    One(Box<Admitted>),
    Batch(Vec<Admitted>),
}

/// Reads `bytes` bytes of parameters by `asked`, off the async threads when they are many.
pub(crate) async fn read(
    bytes: usize,
    limits: Limits,
    asked: impl FnOnce() -> Result<Asked, Refusal> + Send + 'static,
) -> Result<Work, Refusal> {
    let work = move || match asked()? {
        Asked::One(params) => admit(params, &limits).map(|admitted| Work::One(Box::new(admitted))),
        Asked::Batch(batch) => {
            let admitted = batch.into_iter().map(|params| admit(params, &limits));
            admit_batch(admitted.collect::<Result<_, _>>()?, &limits).map(Work::Batch)
        }
    };
    if bytes <= LARGE {
        return work();
    }
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        tracing::error!(panicked = error.is_panic(), "a document could not be read");
        Err(Refusal::internal())
    })
}

fn admit_batch(admitted: Vec<Admitted>, limits: &Limits) -> Result<Vec<Admitted>, Refusal> {
    if admitted.iter().any(|each| each.authenticates) {
        return Err(Refusal::bad_request("Authentication is not allowed in a batch."));
    }
    let cost = admitted.iter().fold(0_u64, |sum, each| sum.saturating_add(each.cost));
    if cost > limits.cost {
        let message = format!("The batch costs {cost} points; at most {} are allowed.", limits.cost);
        return Err(Refusal::document("COST_LIMIT_EXCEEDED", message));
    }
    Ok(admitted)
}
