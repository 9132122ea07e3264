use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use domain::payout_batches::{NotBelieved, SaidByProvider};

use super::{app::App, body, edge::Came, handler, negotiate::Media, refusal::Refusal, respond};

/// The most bytes of a webhook.
const MOST_BYTES: usize = 256 * 1024;
/// How long one may take to arrive.
const DEADLINE: Duration = Duration::from_secs(10);
/// Points that it costs the address it comes from: as much as a call to the provider is worth.
const COST: u64 = 20;

/// `POST /hooks/paypal`: PayPal says that it has news. Whether it said so is asked of PayPal, and what the news is too.
pub(super) async fn paypal(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let came = Came::of(&parts);
    let answer = async {
        let news = app.news.get().ok_or_else(absent)?;
        let info = handler::anonymous(&came, &parts.headers);
        let mut deposit = handler::pay_deposit(&app, &info).await?;
        handler::charge(&app, &info, None, COST, &mut deposit).await?;
        let received = body::read(body, MOST_BYTES, DEADLINE, &app.large_bodies).await?;
        let body = String::from_utf8(received.bytes).map_err(|_| forged())?;
        let headers = parts
            .headers
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
        let said = SaidByProvider { headers: headers.collect(), body, request_id: came.request_id.clone() };
        news.hear(&said).await.map_err(|error| match error {
            NotBelieved::NotSetUp => absent(),
            NotBelieved::Forged => forged(),
            NotBelieved::NotNow => Refusal::overloaded(),
        })?;
        app.wake.wake();
        Ok(heard())
    };
    let answer: Result<Response, Refusal> = answer.await;
    answer.unwrap_or_else(|refusal| respond::refusal(Media::Json, &refusal, &came.request_id))
}

fn absent() -> Refusal {
    Refusal::transport(StatusCode::NOT_FOUND, "NOT_FOUND", "No webhook of this provider is configured.")
}

fn forged() -> Refusal {
    Refusal::bad_request("The provider did not send this.")
}

fn heard() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
