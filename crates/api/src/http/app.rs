use std::sync::{Arc, OnceLock};

use async_graphql::{Data, Executor, Request, Response};
use domain::{payout_batches::ProviderNews, team::Holder};
use futures_util::{future::BoxFuture, stream::BoxStream};
use ids::AccountId;
use queue::Wake;
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    config::HttpConfig, limiter::Limiter, live::Places, metrics::Metrics, request_info::RequestInfo,
};
use crate::live::{Recheck, Watched};

/// What the authenticator found behind a credential.
#[derive(Default)]
pub struct Authenticated {
    /// What resolvers will find in their context: the viewer, loaders.
    pub data: Data,
    /// Whose bucket pays, like `key:key_01h...`; `None` counts by client address.
    pub rate_key: Option<String>,
    /// The account in reach.
    pub account: Option<AccountId>,
    /// What a connection that stays open is watched by.
    pub held: Option<Held>,
}

/// What rights depend on, and who looks after it.
pub struct Held {
    /// The session or key.
    pub holder: Holder,
    /// Who looks after it.
    pub recheck: Arc<Recheck>,
}

impl Held {
    /// Watches it while a connection is open.
    pub(crate) fn watch(self) -> Watched {
        self.recheck.watch(self.holder)
    }
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

/// Files that come or go at once, each of up to 10 MiB, and those of one account; more are answered `OVERLOADED`.
const FILES: usize = 32;
const FILES_OF_ACCOUNT: usize = 4;

type ExecuteStream = Arc<dyn Fn(Request) -> BoxStream<'static, Response> + Send + Sync>;
type Execute = Arc<dyn Fn(Request) -> BoxFuture<'static, Response> + Send + Sync>;

/// The GraphQL endpoint: a schema and all that stands before it.
pub struct App {
    pub(crate) config: HttpConfig,
    pub(crate) execute: Execute,
    pub(crate) execute_stream: ExecuteStream,
    pub(crate) authenticate: Authenticate,
    pub(crate) limiter: Limiter,
    pub(crate) metrics: Metrics,
    pub(crate) new_request_id: NewRequestId,
    pub(crate) wake: Arc<dyn Wake>,
    /// Who hears what providers say, if there are any.
    pub(crate) news: OnceLock<Arc<dyn ProviderNews>>,
    pub(crate) running: TaskTracker,
    pub(crate) in_flight: Arc<Semaphore>,
    pub(crate) large_bodies: Arc<Semaphore>,
    /// Files that come or go at once.
    pub(crate) files: Arc<Places>,
    pub(crate) places: Arc<Places>,
    /// What is open of each account.
    pub(crate) account_places: Arc<Places>,
    pub(crate) subscriptions: Arc<Places>,
    /// Bytes that subscriptions may keep.
    pub(crate) kept: Arc<Semaphore>,
    /// Cancelled when what stays open is to end.
    pub(crate) ending: CancellationToken,
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
        let streaming = schema.clone();
        let execute_stream = move |request| streaming.execute_stream(request, None);
        let execute = move |request| -> BoxFuture<'static, Response> {
            let schema = schema.clone();
            Box::pin(async move { schema.execute(request).await })
        };
        Arc::new(Self {
            in_flight: Arc::new(Semaphore::new(config.max_in_flight)),
            large_bodies: Arc::new(Semaphore::new(config.large_bodies)),
            files: Places::new(FILES, FILES_OF_ACCOUNT),
            places: Places::new(config.live.connections, config.live.per_viewer),
            account_places: Places::new(
                config.live.connections,
                config.live.share_of_account(config.live.connections),
            ),
            subscriptions: Places::new(
                config.live.subscriptions,
                config.live.share_of_account(config.live.subscriptions),
            ),
            kept: Arc::new(Semaphore::new(config.live.kept_bytes.min(Semaphore::MAX_PERMITS))),
            ending: CancellationToken::new(),
            config,
            execute: Arc::new(execute),
            execute_stream: Arc::new(execute_stream),
            authenticate,
            limiter,
            metrics,
            new_request_id,
            wake,
            news: OnceLock::new(),
            running: TaskTracker::new(),
        })
    }

    /// Opens the doors of providers' webhooks: `news` hears them. The first one holds.
    pub fn hear_by(&self, news: Arc<dyn ProviderNews>) {
        let _ = self.news.set(news);
    }

    /// Has sockets and event streams end, so that their clients go on elsewhere; no new one is opened.
    pub fn end_streams(&self) {
        self.ending.cancel();
    }

    /// Returns when no operation is under way, those whose client has left included. For the end of the process:
    /// nothing must be asked of it any more.
    pub async fn finished(&self) {
        self.running.close();
        self.running.wait().await;
    }
}
