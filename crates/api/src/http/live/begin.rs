use std::sync::Arc;

use async_graphql::{Response, parser::types::OperationType};
use futures_util::stream::BoxStream;
use tokio::sync::OwnedSemaphorePermit;

use super::figures::Counted;
use crate::{
    http::{
        admit::Admitted,
        app::{App, Authenticated},
        handler,
        params::{Asked, Params},
        reading::{self, Work},
        refusal::Refusal,
        request_info::RequestInfo,
        respond::GraphqlBody,
    },
    live::Resume,
};

/// What came of a subscription.
pub(crate) enum Told {
    /// An event.
    Next(GraphqlBody),
    /// It could not begin, or cannot go on.
    Refused(GraphqlBody),
}

/// A place among the subscriptions of this process, given back when it is dropped.
pub(crate) fn place(app: &App) -> Result<(OwnedSemaphorePermit, Counted), Refusal> {
    let permit = Arc::clone(&app.subscriptions).try_acquire_owned().map_err(|_| Refusal::overloaded())?;
    Ok((permit, app.metrics.live().subscription()))
}

/// A document within all limits.
pub(crate) async fn admit(app: &App, params: Params) -> Result<Admitted, Refusal> {
    let variables = serde_json::to_string(&params.variables).map_or(0, |text| text.len());
    let bytes = params.query.len() + variables;
    match reading::read(bytes, app.config.limits, move || Ok(Asked::One(params))).await? {
        Work::One(admitted) => Ok(*admitted),
        Work::Batch(_) => Err(Refusal::bad_request("Send one operation.")),
    }
}

/// A stream of what happens, begun or gone on with. It costs its points when it begins.
pub(crate) async fn subscribe(
    app: &App,
    info: &RequestInfo,
    admitted: Admitted,
    resume: &Resume,
    deposit: &mut u64,
) -> Result<BoxStream<'static, Response>, Refusal> {
    let Authenticated { mut data, rate_key, .. } = handler::authenticate(app, info).await?;
    handler::charge(app, info, rate_key, admitted.cost, deposit).await?;
    data.insert(info.clone());
    data.insert(resume.clone());
    let mut request = admitted.request;
    request.data = data;
    Ok((app.execute_stream)(request))
}

/// Goes on with the rights that the viewer has now. It was paid for when it began.
pub(crate) async fn go_on(
    app: &App,
    info: &RequestInfo,
    params: Params,
    resume: &Resume,
) -> Result<BoxStream<'static, Response>, Refusal> {
    let mut admitted = admit(app, params).await?;
    admitted.cost = 0;
    subscribe(app, info, admitted, resume, &mut 0).await
}

/// What a response of a subscription tells. Without data it is about the subscription itself and not about an event.
pub(crate) fn told(response: Response, request_id: &str) -> Told {
    let is_refused = response.data == async_graphql::Value::Null && !response.errors.is_empty();
    let body = GraphqlBody::of_stream(response, request_id);
    if is_refused { Told::Refused(body) } else { Told::Next(body) }
}

/// A query or a mutation, as by POST. Nobody logs in this way: there is no answer that could set the cookie.
pub(crate) async fn once(
    app: &Arc<App>,
    info: &RequestInfo,
    admitted: Admitted,
    deposit: &mut u64,
) -> Result<GraphqlBody, Refusal> {
    if admitted.authenticates {
        return Err(Refusal::bad_request("Log in and out by POST /graphql."));
    }
    let cookie = handler::no_cookie(app);
    handler::operation(app, info, &cookie, admitted, deposit).await
}

/// Whether an operation is a stream of events.
pub(crate) fn is_stream(admitted: &Admitted) -> bool {
    admitted.kind == OperationType::Subscription
}
