use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A token that is cancelled by Ctrl-C or SIGTERM. The second signal ends the process at once: who sends it has waited
/// long enough, and nothing of ours needs a clean end.
///
/// # Errors
/// When the signals cannot be listened to.
pub fn shutdown() -> anyhow::Result<CancellationToken> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let token = CancellationToken::new();
    let asked = token.clone();
    tokio::spawn(async move {
        next(&mut interrupt, &mut terminate).await;
        tracing::info!("stopping; once more to stop at once");
        asked.cancel();
        next(&mut interrupt, &mut terminate).await;
        std::process::exit(130);
    });
    Ok(token)
}

async fn next(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
