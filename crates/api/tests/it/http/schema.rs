use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use api::http::{Deadline, RequestInfo, SessionCookie};
use async_graphql::{
    Context, EmptySubscription, Error, ErrorExtensions, Object, Result, Schema, SimpleObject,
};
use tokio::time::sleep;

/// How many slow operations came to their end, whoever still waited for them.
#[derive(Clone, Default)]
pub struct Finished(pub Arc<AtomicUsize>);

pub struct Query;
pub struct Mutation;

#[derive(SimpleObject)]
struct Items {
    nodes: Vec<i32>,
}

#[Object]
impl Query {
    async fn hello(&self, #[graphql(default = 1)] times: i32) -> String {
        "hello ".repeat(usize::try_from(times).unwrap_or_default())
    }

    async fn again(&self) -> Query {
        Query
    }

    async fn items(&self, first: Option<i32>) -> Items {
        Items { nodes: (0..first.unwrap_or(25)).collect() }
    }

    /// What the edge says of the request.
    async fn came(&self, ctx: &Context<'_>) -> Result<String> {
        let info = ctx.data::<RequestInfo>()?;
        Ok(format!("{:?} from {} for {:?}", info.credential, info.client, info.account_id))
    }

    async fn leaks(&self) -> Result<i32> {
        Err(std::io::Error::other("relation \"secret_table\" does not exist").into())
    }

    async fn forbidden(&self) -> Result<i32> {
        Err(Error::new("Not yours.").extend_with(|_, values| values.set("code", "FORBIDDEN")))
    }

    async fn panics(&self) -> i32 {
        let none: Vec<i32> = Vec::new();
        none[0]
    }

    async fn required(&self, values: Vec<i32>) -> usize {
        values.len()
    }

    async fn large(&self) -> String {
        "x".repeat(20_000_000)
    }
}

#[Object]
impl Mutation {
    async fn slow(&self, ctx: &Context<'_>, millis: u64) -> Result<bool> {
        sleep(Duration::from_millis(millis)).await;
        ctx.data::<Finished>()?.0.fetch_add(1, Ordering::SeqCst);
        Ok(ctx.data::<Deadline>()?.passed.is_cancelled())
    }

    async fn session_create(&self, ctx: &Context<'_>, token: String) -> Result<bool> {
        ctx.data::<SessionCookie>()?.set(&token, 60);
        Ok(true)
    }

    async fn session_delete(&self, ctx: &Context<'_>) -> Result<bool> {
        ctx.data::<SessionCookie>()?.clear();
        Ok(true)
    }
}

pub fn schema(finished: Finished) -> Schema<Query, Mutation, EmptySubscription> {
    Schema::build(Query, Mutation, EmptySubscription).data(finished).finish()
}
