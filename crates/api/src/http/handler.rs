use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use axum::{
    extract::{Query, Request, State},
    http::{HeaderMap, Uri, header, request::Parts},
    response::Response,
};
use serde_json::{Value, json};

use super::{
    admit::Admitted,
    app::{App, AuthFailure, Authenticated},
    body,
    client_addr::address_key,
    config::HttpConfig,
    credential::Credential,
    csrf,
    edge::{Came, OperationKind},
    execute, graphiql,
    limiter::{Budget, Verdict},
    negotiate::{self, Media},
    params::{Asked, Params},
    reading::{self, Work},
    refusal::Refusal,
    request_info::{RequestInfo, SessionCookie},
    respond::{self, GraphqlBody},
};

/// What an unusable credential costs its address, in points, the deposit included: more than any sensible client will
/// ever notice.
const FAILED_CREDENTIAL: u64 = 100;
/// What every request costs its address before anything of it is read or looked up. Given back when the credential turns
/// out to be good: then its owner pays.
pub(crate) const DEPOSIT: u64 = 1;

/// `POST /graphql`.
pub(crate) async fn post(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let came = Came::of(&parts);
    let media = match negotiate::accepted(&parts.headers, false) {
        Ok(media) => media,
        Err(refusal) => return respond::refusal(Media::Json, &refusal, &came.request_id),
    };
    let answer = async {
        negotiate::require_json(&parts.headers)?;
        let info = identify(&app, &parts, &came).await?;
        let HttpConfig { body_bytes, body_deadline, limits, .. } = app.config;
        let received = body::read(body, body_bytes, body_deadline, &app.large_bodies).await?;
        let bytes = received.bytes.len();
        let work =
            reading::read(bytes, limits, move || Asked::from_body(&received.bytes, limits.batch)).await?;
        answer(&app, info, work, media, Verb::Post).await
    };
    answer.await.unwrap_or_else(|refusal| respond::refusal(media, &refusal, &came.request_id))
}

/// `GET /graphql`: GraphiQL for a browser, and queries (never mutations) for others.
pub(crate) async fn get(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let came = Came::of(&parts);
    let media = match negotiate::accepted(&parts.headers, true) {
        Ok(Media::Html) => return graphiql::page(),
        Ok(media) => media,
        Err(refusal) => return respond::refusal(Media::Json, &refusal, &came.request_id),
    };
    let answer = async {
        let info = identify(&app, &parts, &came).await?;
        let (params, bytes) = (query_params(&parts.uri)?, parts.uri.query().map_or(0, str::len));
        let work = reading::read(bytes, app.config.limits, move || Ok(Asked::One(params))).await?;
        answer(&app, info, work, media, Verb::Get).await
    };
    answer.await.unwrap_or_else(|refusal| respond::refusal(media, &refusal, &came.request_id))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    Get,
    Post,
}

pub(crate) fn query_params(uri: &Uri) -> Result<Params, Refusal> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|_| Refusal::bad_request("The query string cannot be read."))?;
    Params::from_query_string(pairs)
}

/// Everybody's address pays the deposit before anything of theirs is read: what they show as a credential costs nothing
/// to make up.
pub(crate) async fn identify(app: &App, parts: &Parts, came: &Came) -> Result<RequestInfo, Refusal> {
    let credential = Credential::of(&parts.headers, app.config.public_url.session_cookie())?;
    csrf::check(&parts.headers, &credential, &app.config.public_url)?;
    let info = RequestInfo::new(came.request_id.clone(), credential, came.client, &parts.headers);
    pay_deposit(app, &info).await?;
    Ok(info)
}

/// What is known of a request whose credential comes later.
pub(crate) fn anonymous(came: &Came, headers: &HeaderMap) -> RequestInfo {
    RequestInfo::new(came.request_id.clone(), Credential::Anonymous, came.client, headers)
}

/// See [`DEPOSIT`]. Answers what was paid.
pub(crate) async fn pay_deposit(app: &App, info: &RequestInfo) -> Result<u64, Refusal> {
    spend(app, &address_bucket(info), app.config.per_address, DEPOSIT).await?;
    Ok(DEPOSIT)
}

/// The credential turned out to be good.
pub(crate) async fn return_deposit(app: &App, info: &RequestInfo, paid: u64) {
    if paid > 0 {
        app.limiter.give_back(&address_bucket(info), app.config.per_address, paid).await;
    }
}

/// Takes the cookie of an answer that cannot set one.
pub(crate) fn no_cookie(app: &App) -> SessionCookie {
    SessionCookie::new(app.config.public_url.clone())
}

async fn answer(
    app: &App,
    info: RequestInfo,
    work: Work,
    media: Media,
    verb: Verb,
) -> Result<Response, Refusal> {
    let cookie = SessionCookie::new(app.config.public_url.clone());
    let mut deposit = DEPOSIT;
    let mut response = match work {
        Work::One(admitted) => {
            let kind = admitted.kind;
            if verb == Verb::Get && kind == OperationType::Mutation {
                return Err(Refusal::method_not_allowed("Mutations are sent by POST.", "POST"));
            }
            let body = operation(app, &info, &cookie, *admitted, &mut deposit).await?;
            let mut response = respond::single(media, &body);
            response.extensions_mut().insert(OperationKind::from(kind));
            response
        }
        Work::Batch(batch) => {
            let mut bodies = Vec::with_capacity(batch.len());
            for admitted in batch {
                let body = operation(app, &info, &cookie, admitted, &mut deposit).await;
                bodies.push(body.unwrap_or_else(|refusal| GraphqlBody::refused(&refusal, &info.request_id)));
            }
            respond::batch(media, &bodies)
        }
    };
    if let Some(value) = cookie.take() {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

/// Authenticates, charges and runs one operation. A good credential gets the `deposit` of its address back, once.
pub(crate) async fn operation(
    app: &App,
    info: &RequestInfo,
    cookie: &SessionCookie,
    admitted: Admitted,
    deposit: &mut u64,
) -> Result<GraphqlBody, Refusal> {
    let authenticated = authenticate(app, info).await?;
    let cost = charge(app, info, authenticated.rate_key.clone(), admitted.cost, deposit).await?;
    run(app, info, cookie, admitted, authenticated, cost).await
}

/// Runs an operation that is paid for.
pub(crate) async fn run(
    app: &App,
    info: &RequestInfo,
    cookie: &SessionCookie,
    admitted: Admitted,
    authenticated: Authenticated,
    cost: Value,
) -> Result<GraphqlBody, Refusal> {
    let Authenticated { mut data, .. } = authenticated;
    data.insert(info.clone());
    data.insert(cookie.clone());
    data.insert(app.limiter.clone());
    data.insert(app.config.public_url.clone());
    let mut request = admitted.request;
    request.data = data;
    let response = execute::run(app, request, admitted.kind).await?;
    Ok(GraphqlBody::executed(response, cost, &info.request_id))
}

/// Has an operation paid for, by its viewer or else by its address, and answers what `extensions.cost` says.
pub(crate) async fn charge(
    app: &App,
    info: &RequestInfo,
    rate_key: Option<String>,
    cost: u64,
    deposit: &mut u64,
) -> Result<Value, Refusal> {
    let (key, budget) = match rate_key {
        Some(key) => {
            return_deposit(app, info, std::mem::take(deposit)).await;
            (key, app.config.per_credential)
        }
        None => (address_bucket(info), app.config.per_address),
    };
    bill(app, &key, budget, cost).await
}

/// Has a viewer pay who is known before they are looked up: whose points are spent costs no look.
pub(crate) async fn bill_viewer(
    app: &App,
    info: &RequestInfo,
    whose: &str,
    cost: u64,
    deposit: &mut u64,
) -> Result<Value, Refusal> {
    let bill = bill(app, whose, app.config.per_credential, cost).await?;
    // Work that is refused is paid for by the address.
    return_deposit(app, info, std::mem::take(deposit)).await;
    Ok(bill)
}

async fn bill(app: &App, key: &str, budget: Budget, cost: u64) -> Result<Value, Refusal> {
    let available = spend(app, key, budget, cost).await?;
    Ok(json!({
        "operation": cost,
        "limit": app.config.limits.cost,
        "available": available,
        "capacity": budget.capacity,
        "perSecond": budget.per_second,
    }))
}

pub(crate) async fn authenticate(app: &App, info: &RequestInfo) -> Result<Authenticated, Refusal> {
    match (app.authenticate)(info.clone()).await {
        Ok(authenticated) => Ok(authenticated),
        Err(AuthFailure::Unavailable) => Err(Refusal::overloaded()),
        Err(AuthFailure::Unauthenticated) => {
            spend(app, &address_bucket(info), app.config.per_address, FAILED_CREDENTIAL - DEPOSIT).await?;
            Err(Refusal::unauthenticated("The credential is unknown, expired or revoked."))
        }
    }
}

fn address_bucket(info: &RequestInfo) -> String {
    format!("addr:{}", address_key(info.client))
}

async fn spend(app: &App, key: &str, budget: Budget, cost: u64) -> Result<u64, Refusal> {
    match app.limiter.check(key, budget, cost).await {
        Verdict::Allowed { available } => Ok(available),
        Verdict::Refused { retry_after } => Err(Refusal::rate_limited(retry_after)),
    }
}
