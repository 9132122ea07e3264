use std::sync::Arc;

use async_graphql::{Response, parser::types::OperationType};
use futures_util::stream::BoxStream;
use tokio::sync::OwnedSemaphorePermit;

use super::{entered::Payer, figures::Counted, places::Place, weight};
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

/// A place among the subscriptions of this process, given back when it is dropped, with what it takes to begin again.
pub(crate) struct Subscribed {
    kept: Params,
    _bytes: OwnedSemaphorePermit,
    _place: Place,
    _counted: Counted,
}

impl Subscribed {
    /// A place for this one.
    ///
    /// # Errors
    /// 503 when the process has as many as it takes, 429 when the account has its share, `QUERY_TOO_LARGE` when it would
    /// keep too much.
    pub(crate) fn of(app: &App, payer: &Payer, admitted: &Admitted) -> Result<Self, Refusal> {
        let most = app.config.live.kept_bytes_each;
        let bytes = weight::of(&admitted.request);
        if bytes > most {
            let message = "A subscription must be shorter, or have fewer variables.";
            return Err(Refusal::document("QUERY_TOO_LARGE", message));
        }
        let place = app.subscriptions.enter(payer.counted_as())?;
        let permits = u32::try_from(bytes).unwrap_or(u32::MAX);
        let bytes = Arc::clone(&app.kept).try_acquire_many_owned(permits);
        Ok(Self {
            kept: Params {
                query: admitted.request.query.clone(),
                operation_name: admitted.request.operation_name.clone(),
                variables: admitted.request.variables.clone(),
            },
            _bytes: bytes.map_err(|_| Refusal::overloaded())?,
            _place: place,
            _counted: app.metrics.live().subscription(),
        })
    }

    /// Goes on with the rights that the viewer has now. It was paid for when it began.
    pub(crate) async fn go_on(
        &self,
        app: &App,
        info: &RequestInfo,
        resume: &Resume,
    ) -> Result<BoxStream<'static, Response>, Refusal> {
        start(app, info, admit(app, self.kept.clone()).await?, resume).await
    }
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

/// A stream of what happens. It costs its points when it begins.
pub(crate) async fn subscribe(
    app: &App,
    info: &RequestInfo,
    payer: &Payer,
    admitted: Admitted,
    resume: &Resume,
    deposit: &mut u64,
) -> Result<BoxStream<'static, Response>, Refusal> {
    handler::bill_viewer(app, info, &payer.whose, admitted.cost, deposit).await?;
    start(app, info, admitted, resume).await
}

async fn start(
    app: &App,
    info: &RequestInfo,
    admitted: Admitted,
    resume: &Resume,
) -> Result<BoxStream<'static, Response>, Refusal> {
    let Authenticated { mut data, .. } = handler::authenticate(app, info).await?;
    data.insert(info.clone());
    data.insert(resume.clone());
    let mut request = admitted.request;
    request.data = data;
    Ok((app.execute_stream)(request))
}

/// What a response of a subscription tells. Without data it is about the subscription itself and not about an event.
pub(crate) fn told(response: Response, request_id: &str) -> Told {
    let is_refused = response.data == async_graphql::Value::Null && !response.errors.is_empty();
    let body = GraphqlBody::of_stream(response, request_id);
    if is_refused { Told::Refused(body) } else { Told::Next(body) }
}

/// A query or a mutation, as by POST. Nobody logs in or out this way: there is no answer that could set the cookie.
pub(crate) async fn once(
    app: &Arc<App>,
    info: &RequestInfo,
    payer: &Payer,
    admitted: Admitted,
    deposit: &mut u64,
) -> Result<GraphqlBody, Refusal> {
    if admitted.authenticates {
        return Err(Refusal::bad_request("Send what may change the session by POST /graphql."));
    }
    let cookie = handler::no_cookie(app);
    let cost = handler::bill_viewer(app, info, &payer.whose, admitted.cost, deposit).await?;
    let authenticated = handler::authenticate(app, info).await?;
    handler::run(app, info, &cookie, admitted, authenticated, cost).await
}

/// Whether an operation is a stream of events.
pub(crate) fn is_stream(admitted: &Admitted) -> bool {
    admitted.kind == OperationType::Subscription
}
