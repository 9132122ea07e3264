//! Async work from where nothing can be awaited: `Drop`.

/// Runs `work` on a thread with a runtime of its own and waits for it.
///
/// # Errors
/// Those of `work`, and when there is no thread or runtime to be had.
pub fn block_on<T: Send + 'static>(
    work: impl Future<Output = anyhow::Result<T>> + Send + 'static,
) -> anyhow::Result<T> {
    let thread = std::thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
    });
    thread.join().map_err(|_| anyhow::anyhow!("the thread panicked"))?
}

/// The value, or a panic with the whole chain of the error: what a test does with a failure of its surroundings.
#[track_caller]
pub fn or_panic<T, E: Into<anyhow::Error>>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{:#}", error.into()),
    }
}
