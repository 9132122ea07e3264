use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::{Request, Response, StatusCode, body::Bytes, body::Incoming, header};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tokio_rustls::rustls::crypto::ring;
use url::Url;

use crate::handler::Failure;

/// The longest that a call may take, from the first byte to the last.
const MOST_TIME: Duration = Duration::from_secs(30);
/// The most bytes of an answer: the history of all days has eight million.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// The text at an address. It does not follow redirects: they would lead past the hosts that were admitted.
pub(super) async fn text(url: &Url) -> Result<String, Failure> {
    let bytes = tokio::time::timeout(MOST_TIME, get(url))
        .await
        .map_err(|_| Failure::Retry(format!("{url}: no answer within {} s", MOST_TIME.as_secs())))??;
    String::from_utf8(bytes.into()).map_err(|_| Failure::Abort(format!("{url}: the answer is no text")))
}

async fn get(url: &Url) -> Result<Bytes, Failure> {
    let connector = HttpsConnectorBuilder::new()
        .with_provider_and_webpki_roots(ring::default_provider())
        .map_err(|error| Failure::Abort(format!("TLS: {error}")))?
        .https_or_http()
        .enable_http1()
        .build();
    let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
    let request = Request::get(url.as_str())
        .header(header::USER_AGENT, concat!("refero/", env!("CARGO_PKG_VERSION")))
        .body(Empty::new())
        .map_err(|error| Failure::Abort(format!("{url}: {error}")))?;
    let response =
        client.request(request).await.map_err(|error| Failure::Retry(format!("{url}: {}", chain(&error))))?;
    admit(url, &response)?;
    let body = Limited::new(response.into_body(), MOST_BYTES).collect().await;
    // Cut off in the middle is for now; too long is for good.
    let body = body.map_err(|error| match error.downcast::<http_body_util::LengthLimitError>() {
        Ok(_) => Failure::Abort(format!("{url}: the answer has more than {MOST_BYTES} bytes")),
        Err(error) => Failure::Retry(format!("{url}: {error}")),
    })?;
    Ok(body.to_bytes())
}

fn admit(url: &Url, response: &Response<Incoming>) -> Result<(), Failure> {
    let status = response.status();
    let said = format!("{url}: {status}");
    match status {
        StatusCode::OK => Ok(()),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => Err(Failure::Retry(said)),
        _ if status.is_server_error() => Err(Failure::Retry(said)),
        _ => Err(Failure::Abort(said)),
    }
}

/// An error with its causes, which tell what the outermost does not.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |said, cause| format!("{said}: {cause}"))
}
