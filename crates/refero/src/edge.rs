use std::sync::Arc;

use api::{
    auth::{Authenticator, Gate},
    graphql,
    http::{App, HttpConfig, Metrics},
    live::Live,
};
use domain::{clock::Clock, db::Db, payout_batches::ProviderNews};
use ids::{IdSource, RequestId};
use jobs::EmailRenderer;
use queue::Wake;

/// What the API is put together from. The binary and the tests do it with the same words.
pub struct Edge {
    /// How HTTP behaves.
    pub config: HttpConfig,
    /// The pool of the API.
    pub db: Db,
    /// The one clock.
    pub clock: Clock,
    /// Where ids and secrets come from.
    pub ids: IdSource,
    /// Who hashes, counts and lets strangers in.
    pub gate: Gate,
    /// Tells the workers of a commit.
    pub wake: Arc<dyn Wake>,
    /// Shows emails.
    pub renderer: EmailRenderer,
    /// What subscriptions follow.
    pub live: Arc<Live>,
    /// Where figures are kept.
    pub metrics: Metrics,
    /// Hears what PayPal says, if it pays.
    pub news: Option<Arc<dyn ProviderNews>>,
}

impl Edge {
    /// The API, to be given a router.
    pub fn build(self) -> Arc<App> {
        let Self { config, db, clock, ids, gate, wake, renderer, live, metrics, news } = self;
        let limiter = gate.limiter.clone();
        let (id_clock, id_source) = (clock.clone(), ids.clone());
        let new_request_id = move || id_source.next::<RequestId>(id_clock.now()).to_string();
        let authenticator =
            Authenticator { db, clock, ids, gate: Arc::new(gate), recheck: Arc::clone(&live.recheck) };
        let app = App::new(
            config,
            graphql::build_with(Box::new(renderer), live),
            authenticator.into_fn(),
            limiter,
            metrics,
            Arc::new(new_request_id),
            wake,
        );
        if let Some(news) = news {
            app.hear_by(news);
        }
        app
    }
}
