use std::{net::SocketAddr, sync::Arc};

use api::http::{
    App, AuthFailure, Authenticate, Authenticated, Credential, HttpConfig, Limiter, Metrics, Sockets, router,
    serve,
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::{
    client::Call,
    schema::{Finished, schema},
};

/// A server on a port of its own; it ends with the test.
pub struct Server {
    pub addr: SocketAddr,
    pub app: Arc<App>,
    pub metrics: Metrics,
    pub finished: Finished,
    pub shutdown: CancellationToken,
    pub task: JoinHandle<()>,
}

impl Server {
    pub async fn start() -> Self {
        Self::with(HttpConfig::for_testing(), Limiter::in_process(), Sockets::default()).await
    }

    pub async fn configured(change: impl FnOnce(&mut HttpConfig)) -> Self {
        let mut config = HttpConfig::for_testing();
        change(&mut config);
        Self::with(config, Limiter::in_process(), Sockets::default()).await
    }

    pub async fn with(config: HttpConfig, limiter: Limiter, sockets: Sockets) -> Self {
        let (metrics, finished, shutdown) = (Metrics::new(), Finished::default(), CancellationToken::new());
        let new_request_id = Arc::new(|| "req_00000000000000000000000001".to_owned());
        let schema = schema(finished.clone());
        let app = App::new(
            config,
            schema,
            authenticate(),
            limiter,
            metrics.clone(),
            new_request_id,
            Arc::new(queue::NoWake),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let task = tokio::spawn(serve(listener, router(app.clone()), sockets, shutdown.clone()));
        Self { addr, app, metrics, finished, shutdown, task }
    }

    pub fn query(&self, query: &str) -> Call {
        Call::query(self.addr, query)
    }

    pub fn post(&self, body: impl Into<Vec<u8>>) -> Call {
        Call::post(self.addr, body)
    }
}

/// Keys that start with `rfo_live_` are good, and are their own budget; sessions always are.
fn authenticate() -> Authenticate {
    Arc::new(|info| {
        Box::pin(async move {
            match &info.credential {
                Credential::ApiKey(key) if key.expose() == "rfo_down" => Err(AuthFailure::Unavailable),
                Credential::ApiKey(key) if !key.expose().starts_with("rfo_live_") => {
                    Err(AuthFailure::Unauthenticated)
                }
                Credential::ApiKey(key) => {
                    let rate_key = Some(format!("key:{}", key.expose()));
                    Ok(Authenticated { rate_key, ..Authenticated::default() })
                }
                Credential::Session(_) | Credential::Anonymous => Ok(Authenticated::default()),
            }
        })
    })
}
