//! GraphQL over server-sent events at `/graphql/stream`, by the distinct connections mode: each operation has a request of
//! its own, and its answer goes on.

use std::{pin::pin, sync::Arc};

use async_graphql::{Response as Answer, parser::types::OperationType};
use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
};
use futures_util::{FutureExt, StreamExt, stream, stream::BoxStream};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::{
    begin::{self, Subscribed, Told},
    entered::Entered,
    figures::Counted,
};
use crate::{
    graphql::connection,
    http::{
        admit::Admitted,
        app::App,
        body,
        client_addr::address_key,
        edge::{Came, OperationKind},
        handler,
        negotiate::{self, Media},
        params::{Asked, Params},
        refusal::Refusal,
        request_info::RequestInfo,
        respond::{self, GraphqlBody},
    },
    live::Resume,
};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// `POST /graphql/stream`.
pub(crate) async fn post(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let came = Came::of(&parts);
    let answer = async {
        negotiate::accept_stream(&parts.headers)?;
        negotiate::require_json(&parts.headers)?;
        let info = handler::identify(&app, &parts, &came).await?;
        let config = &app.config;
        let received = body::read(body, config.body_bytes, config.body_deadline, &app.large_bodies).await?;
        let Asked::One(params) = Asked::from_body(&received.bytes, 0)? else {
            return Err(Refusal::bad_request("Send one operation."));
        };
        drop(received);
        answer(&app, info, params, resume(&parts.headers)?, OperationType::Mutation).await
    };
    answer
        .await
        .unwrap_or_else(|refusal| respond::refusal(Media::GraphqlResponse, &refusal, &came.request_id))
}

/// `GET /graphql/stream`: subscriptions and queries, never mutations.
pub(crate) async fn get(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let came = Came::of(&parts);
    let answer = async {
        negotiate::accept_stream(&parts.headers)?;
        let info = handler::identify(&app, &parts, &came).await?;
        let params = handler::query_params(&parts.uri)?;
        answer(&app, info, params, resume(&parts.headers)?, OperationType::Query).await
    };
    answer
        .await
        .unwrap_or_else(|refusal| respond::refusal(Media::GraphqlResponse, &refusal, &came.request_id))
}

/// A client that was cut off says which event it saw last, and its subscription goes on behind it.
fn resume(headers: &HeaderMap) -> Result<Resume, Refusal> {
    let Some(last) = headers.get(LAST_EVENT_ID) else { return Ok(Resume::default()) };
    let position = last.to_str().ok().and_then(|text| connection::key::<i64>(Some(text.to_owned())).ok());
    let position = position.filter(|position| position.is_none_or(|position| position >= 0));
    let position = position.ok_or_else(|| Refusal::bad_request("`Last-Event-ID` is no cursor of ours."))?;
    Ok(Resume::behind(position))
}

async fn answer(
    app: &Arc<App>,
    info: RequestInfo,
    params: Params,
    resume: Resume,
    most: OperationType,
) -> Result<Response, Refusal> {
    if app.ending.is_cancelled() {
        return Err(Refusal::overloaded());
    }
    let place = app.places.enter(address_key(info.client))?;
    let admitted = begin::admit(app, params).await?;
    if admitted.kind == OperationType::Mutation && most != OperationType::Mutation {
        return Err(Refusal::method_not_allowed("Mutations are sent by POST.", "POST"));
    }
    let kind = OperationKind::from(admitted.kind);
    let entered = Entered::enter(app, info, place).await?;
    let mut response = match begin::is_stream(&admitted) {
        true => subscription(app, entered, admitted, resume).await?,
        false => {
            let body = begin::once(app, &entered.info, &entered.payer, admitted, &mut 0).await?;
            if body.is_request_error() {
                return Ok(respond::not_begun(&body));
            }
            events(Body::from([next(None, &body), complete()].concat()))
        }
    };
    response.extensions_mut().insert(kind);
    Ok(response)
}

async fn subscription(
    app: &Arc<App>,
    entered: Entered,
    admitted: Admitted,
    resume: Resume,
) -> Result<Response, Refusal> {
    let subscribed = Subscribed::of(app, &entered.payer, &admitted)?;
    let Entered { info, payer, .. } = &entered;
    let mut answers = begin::subscribe(app, info, payer, admitted, &resume, &mut 0).await?;
    // What is wrong with it is known at once, and then there is no stream.
    let first = answers.next().now_or_never().flatten();
    let first = match first.map(|answer| begin::told(answer, &entered.info.request_id)) {
        Some(Told::Refused(body)) => return Ok(respond::not_begun(&body)),
        Some(Told::Next(body)) => Some(body),
        None => None,
    };
    let mut heartbeat = interval(app.config.live.heartbeat);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let following = Following {
        _counted: app.metrics.live().stream(),
        subscribed,
        app: Arc::clone(app),
        entered,
        resume,
        answers,
        first,
        heartbeat,
        is_over: false,
    };
    let frames = stream::unfold(following, |mut following| async move {
        let frame = following.frame().await?;
        Some((Ok::<_, std::convert::Infallible>(frame), following))
    });
    Ok(events(Body::from_stream(frames)))
}

/// A subscription whose answers are being sent.
struct Following {
    app: Arc<App>,
    entered: Entered,
    subscribed: Subscribed,
    resume: Resume,
    answers: BoxStream<'static, Answer>,
    first: Option<GraphqlBody>,
    heartbeat: Interval,
    is_over: bool,
    _counted: Counted,
}

impl Following {
    /// The next thing to send; nothing when the stream ends. At the end of the process it breaks off, and the client comes
    /// back with `Last-Event-ID`.
    async fn frame(&mut self) -> Option<Bytes> {
        if self.is_over {
            return None;
        }
        if let Some(body) = self.first.take() {
            return Some(self.next(&body));
        }
        loop {
            let ending = self.app.ending.clone();
            let mut ended = pin!(ending.cancelled());
            tokio::select! {
                biased;
                () = &mut ended => return None,
                () = self.entered.rights_changed() => {
                    if let Err(refusal) = self.go_on().await {
                        return Some(self.end(&GraphqlBody::refused(&refusal, &self.entered.info.request_id)));
                    }
                }
                answer = self.answers.next() => {
                    let Some(answer) = answer else {
                        self.is_over = true;
                        return Some(complete().into());
                    };
                    return Some(match begin::told(answer, &self.entered.info.request_id) {
                        Told::Next(body) => self.next(&body),
                        Told::Refused(body) => self.end(&body),
                    });
                }
                _ = self.heartbeat.tick() => return Some(Bytes::from_static(b":\n\n")),
            }
        }
    }

    async fn go_on(&mut self) -> Result<(), Refusal> {
        self.entered.look_again(&self.app).await?;
        self.answers = self.subscribed.go_on(&self.app, &self.entered.info, &self.resume).await?;
        Ok(())
    }

    fn next(&self, body: &GraphqlBody) -> Bytes {
        self.resume.deliver();
        next(self.resume.delivered(), body).into()
    }

    fn end(&mut self, body: &GraphqlBody) -> Bytes {
        self.is_over = true;
        [next(None, body), complete()].concat().into()
    }
}

fn next(position: Option<i64>, body: &GraphqlBody) -> Vec<u8> {
    let mut frame = String::new();
    if let Some(position) = position {
        frame += &format!("id: {}\n", connection::cursor(position));
    }
    // JSON has no line breaks of its own.
    frame += &format!("event: next\ndata: {}\n\n", body.text());
    frame.into_bytes()
}

fn complete() -> Vec<u8> {
    b"event: complete\ndata:\n\n".to_vec()
}

fn events(body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    // Proxies that collect answers are told not to.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}
