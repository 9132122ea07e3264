use std::sync::Arc;

use async_graphql::{Data, Executor, Request, Response};
use futures_util::future::BoxFuture;
use queue::Wake;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use super::{config::HttpConfig, limiter::Limiter, metrics::Metrics, request_info::RequestInfo};

/// What the authenticator found behind a credential.
#[derive(Debug, Default)]
pub struct Authenticated {
    /// What resolvers will find in their context: the viewer, loaders.
    pub data: Data,
    /// Whose bucket pays, like `key:key_01h...`; `None` counts by client address.
    pub rate_key: Option<String>,
}

/// Why a credential is not accepted. Anonymous requests are for the authenticator to let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthFailure {
    /// Unknown, revoked or expired: 401, without saying which.
    Unauthenticated,
    /// It could not be looked up (logged by the authenticator): 503.
    Unavailable,
}

/// Looks at a request's credential and fills what its operation may use. Called once per operation.
pub type Authenticate =
    Arc<dyn Fn(RequestInfo) -> BoxFuture<'static, Result<Authenticated, AuthFailure>> + Send + Sync>;

/// Where request ids come from.
pub type NewRequestId = Arc<dyn Fn() -> String + Send + Sync>;

type Execute = Arc<dyn Fn(Request) -> BoxFuture<'static, Response> + Send + Sync>;

/// The GraphQL endpoint: a schema and all that stands before it.
pub struct App {
    pub(crate) config: HttpConfig,
    pub(crate) execute: Execute,
    pub(crate) authenticate: Authenticate,
    pub(crate) limiter: Limiter,
    pub(crate) metrics: Metrics,
    pub(crate) new_request_id: NewRequestId,
    pub(crate) wake: Arc<dyn Wake>,
    pub(crate) running: TaskTracker,
    pub(crate) in_flight: Arc<Semaphore>,
    pub(crate) large_bodies: Arc<Semaphore>,
}

impl App {
    /// Puts the edge before `schema`; `wake` is called after every mutation.
    pub fn new(
        config: HttpConfig,
        schema: impl Executor,
        authenticate: Authenticate,
        limiter: Limiter,
        metrics: Metrics,
        new_request_id: NewRequestId,
        wake: Arc<dyn Wake>,
    ) -> Arc<Self> {
        let execute = move |request| -> BoxFuture<'static, Response> {
            let schema = schema.clone();
            Box::pin(async move { schema.execute(request).await })
        };
        Arc::new(Self {
            in_flight: Arc::new(Semaphore::new(config.max_in_flight)),
            large_bodies: Arc::new(Semaphore::new(config.large_bodies)),
            config,
            execute: Arc::new(execute),
            authenticate,
            limiter,
            metrics,
            new_request_id,
            wake,
            running: TaskTracker::new(),
        })
    }

    /// Returns when no operation is under way, those whose client has left included. For the end of the process:
    /// nothing must be asked of it any more.
    pub async fn finished(&self) {
        self.running.close();
        self.running.wait().await;
    }
}
