use std::{
    sync::{Arc, Weak},
    thread,
    time::Duration,
};

use crate::running::Running;

/// Watches from a thread of its own, which no busy handler can occupy, that none works longer than its `MAX_RUN` and
/// `grace`. One that does cannot be stopped (a future that never yields cannot be cancelled), so the process is aborted:
/// its jobs are swept and run again, each alone, and the culprit is found.
///
/// # Errors
/// When the thread cannot be started.
pub(crate) fn start(running: &Arc<Running>, grace: Duration) -> std::io::Result<()> {
    let running = Arc::downgrade(running);
    thread::Builder::new().name("job-watchdog".to_owned()).spawn(move || watch(&running, grace))?;
    Ok(())
}

fn watch(running: &Weak<Running>, grace: Duration) {
    let pause = (grace / 10).clamp(Duration::from_millis(20), Duration::from_secs(1));
    loop {
        thread::sleep(pause);
        let Some(running) = running.upgrade() else { return };
        if let Some(overdue) = running.overdue(grace) {
            let (jobs, after) = (overdue.jobs, overdue.after.as_secs());
            tracing::error!(
                job.kind = overdue.kind,
                ?jobs,
                after_secs = after,
                "a handler hangs; aborting the process"
            );
            // The subscriber may be stuck behind the very same handler.
            eprintln!("refero: {} hangs for {after} s, aborting", overdue.kind);
            std::process::abort();
        }
    }
}
