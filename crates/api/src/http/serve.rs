use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use super::{app::App, patient::Patient, router::router};

/// How much patience and memory sockets get.
#[derive(Debug, Clone, Copy)]
pub struct Sockets {
    /// Connections open at once. More wait in the system's queue, so that a flood of sockets meets bounded memory.
    pub most: usize,
    /// How long the head of a request may take, and how long a connection may idle before its next one.
    pub head_deadline: Duration,
    /// How long a client may take no byte of its answer.
    pub write_stall: Duration,
    /// How long answers under way may take once the process is asked to end.
    pub drain: Duration,
}

impl Default for Sockets {
    fn default() -> Self {
        let patience = Duration::from_secs(20);
        Self { most: 8_000, head_deadline: patience, write_stall: patience, drain: patience }
    }
}

/// The longest head; it also bounds what is read ahead of a body.
const HEAD_BYTES: usize = 64 * 1024;

/// The other end of the connection that a request came by; in its extensions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Serves the API until `shutdown`; then sockets and event streams end, and what is under way is brought to its end.
pub async fn serve_api(listener: TcpListener, app: Arc<App>, sockets: Sockets, shutdown: CancellationToken) {
    let ending = async {
        shutdown.cancelled().await;
        app.end_streams();
    };
    tokio::join!(serve(listener, router(Arc::clone(&app)), sockets, shutdown.clone()), ending);
    app.finished().await;
}

/// Serves until `shutdown`, then answers what is under way, for at most [`Sockets::drain`]. `axum::serve` has no
/// deadline for slow heads and no bound on connections, hence our own loop. A failing accept (no file descriptors
/// left) is logged and tried again.
pub async fn serve(listener: TcpListener, router: Router, sockets: Sockets, shutdown: CancellationToken) {
    let open = TaskTracker::new();
    let slots = Arc::new(Semaphore::new(sockets.most));
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = accept(&listener, &slots) => accepted,
        };
        let (stream, peer, slot) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let connection = connection(stream, Peer(peer), router.clone(), sockets, shutdown.clone());
        open.spawn(async move {
            connection.await;
            drop(slot);
        });
    }
    drop(listener);
    open.close();
    if timeout(sockets.drain, open.wait()).await.is_err() {
        tracing::warn!("some connections did not end in time");
    }
}

async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let slot = slots.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, peer, slot))
}

/// Answers the requests of a connection until its client leaves, or until it has its answer after `shutdown`. A connection
/// that became a WebSocket is not ours any more.
async fn connection(
    stream: TcpStream,
    peer: Peer,
    router: Router,
    sockets: Sockets,
    shutdown: CancellationToken,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(sockets.head_deadline)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(Patient::new(stream, sockets.write_stall)), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    // A connection that breaks is the client's affair.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = shutdown.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
