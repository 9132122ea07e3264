use tokio::time::sleep;

use super::AFTER_FAILURE;

/// Runs a loop that others rely on until it comes to its end, and again when it panics: who waits for it would otherwise
/// wait for ever.
pub(super) async fn keep_up<F>(what: &'static str, run: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    while let Err(error) = tokio::spawn(run()).await {
        // Cancelled, the runtime is about to end.
        if !error.is_panic() {
            return;
        }
        tracing::error!(what, "it has panicked and is started again");
        sleep(AFTER_FAILURE).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };

    use super::keep_up;

    #[tokio::test]
    async fn what_panics_is_started_again_and_what_ends_is_not() {
        let runs = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&runs);
        keep_up("a test", move || {
            let run = counted.fetch_add(1, Ordering::SeqCst);
            async move { assert_eq!(run, 1, "the first one panics") }
        })
        .await;
        assert_eq!(runs.load(Ordering::SeqCst), 2);
    }
}
