use std::{net::Ipv4Addr, sync::Arc};

use api::http::{
    App, Authenticated, HttpConfig, Limiter, Metrics, Sockets, limiter::Budget, router, serve as serve_on,
};
use async_graphql::{EmptyMutation, EmptySubscription, ID, Object, Schema, SimpleObject};
use axum::routing::post;
use ids::{IdSource, RequestId};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::options::Limits;

/// The schema that mercurius.mjs has, too.
struct Query;

#[derive(SimpleObject)]
struct Sale {
    id: ID,
    key: String,
    customer: String,
    cents: i32,
    recorded_at: String,
}

#[Object]
impl Query {
    async fn sales(&self, #[graphql(default = 1)] first: i32) -> Vec<Sale> {
        let sale = |number: i32| Sale {
            id: format!("trx_{number}").into(),
            key: format!("order-{number}"),
            customer: format!("customer-{number}"),
            cents: number,
            recorded_at: "2026-01-01T00:00:00Z".to_owned(),
        };
        (0..first).map(sale).collect()
    }
}

/// Serves it behind the product's own edge, for ever; says `ready PORT` first.
#[tokio::main]
pub async fn serve(limits: Limits) -> anyhow::Result<()> {
    let limiter = match limits {
        Limits::Local => Limiter::in_process(),
        Limits::Shared => Limiter::with_redis(&env::required_var("REDIS_URL")?, "bench:w10:")?,
    };
    let plenty = Budget { capacity: 1_000_000_000, per_second: 1_000_000_000.0 };
    let config = HttpConfig { per_address: plenty, ..HttpConfig::for_testing() };
    let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
    let ids = IdSource::from_system()?;
    let app = App::new(
        config,
        schema,
        Arc::new(|_| Box::pin(async { Ok(Authenticated::default()) })),
        limiter,
        Metrics::new(),
        Arc::new(move || ids.next::<RequestId>(chrono::DateTime::UNIX_EPOCH).to_string()),
        Arc::new(queue::NoWake),
    );
    let router = router(app).route("/hello", post(async || "hello"));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("ready {}", listener.local_addr()?.port());
    serve_on(listener, router, Sockets::default(), CancellationToken::new()).await;
    Ok(())
}
