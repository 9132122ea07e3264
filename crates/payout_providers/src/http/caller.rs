use std::{error::Error, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method,
    body::Bytes,
    header::{self, HeaderValue},
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio_rustls::rustls::crypto::ring;

use super::{BaseUrl, Reply};
use crate::{Secret, error::short};

/// The most bytes of an answer: a page of a thousand payments has less than two million.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Nothing can be called from here: the TLS library gave no configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("TLS cannot be set up: {0}")]
pub struct SetUpError(String);

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum CallError {
    /// Not a byte of the call was sent.
    NotConnected(String),
    /// The server may have taken the call.
    NoAnswer(String),
}

impl CallError {
    pub(crate) fn into_text(self) -> String {
        match self {
            Self::NotConnected(text) | Self::NoAnswer(text) => text,
        }
    }
}

/// How a call shows who it is from.
pub(crate) enum Authorization<'a> {
    Basic { user: &'a str, password: &'a Secret },
    Bearer(&'a Secret),
}

/// One call.
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    /// Below the base, with its query.
    pub(crate) path: &'a str,
    pub(crate) authorization: Authorization<'a>,
    pub(crate) content_type: &'static str,
    pub(crate) body: Vec<u8>,
}

/// Calls one provider. Redirects are not followed: they would lead the credentials elsewhere.
pub(crate) struct Caller {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    base: BaseUrl,
    within: Duration,
}

impl Caller {
    /// `within` limits a call from its first byte to the last one of its answer.
    pub(crate) fn new(base: BaseUrl, within: Duration) -> Result<Self, SetUpError> {
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(ring::default_provider())
            .map_err(|error| SetUpError(error.to_string()))?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector), base, within })
    }

    /// # Errors
    /// When there is no answer; an answer of any status is one.
    pub(crate) async fn call(&self, request: Request<'_>) -> Result<Reply, CallError> {
        tokio::time::timeout(self.within, self.exchange(request)).await.unwrap_or_else(|_| {
            Err(CallError::NoAnswer(format!("no answer within {} s", self.within.as_secs_f32())))
        })
    }

    async fn exchange(&self, request: Request<'_>) -> Result<Reply, CallError> {
        let request = self.compose(request).map_err(CallError::NotConnected)?;
        let response = self.client.request(request).await.map_err(|error| match error.is_connect() {
            true => CallError::NotConnected(chain(&error)),
            false => CallError::NoAnswer(chain(&error)),
        })?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, MOST_BYTES).collect().await;
        let body = body.map_err(|error| CallError::NoAnswer(chain(&*error)))?.to_bytes();
        Ok(Reply { status: parts.status, headers: parts.headers, body })
    }

    fn compose(&self, request: Request<'_>) -> Result<hyper::Request<Full<Bytes>>, String> {
        let Request { method, path, authorization, content_type, body } = request;
        hyper::Request::builder()
            .method(method)
            .uri(self.base.join(path))
            .header(header::AUTHORIZATION, authorization.value()?)
            .header(header::CONTENT_TYPE, content_type)
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, concat!("refero/", env!("CARGO_PKG_VERSION")))
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| short(&error.to_string()))
    }
}

impl Authorization<'_> {
    fn value(&self) -> Result<HeaderValue, String> {
        let text = match self {
            Self::Basic { user, password } => {
                format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.reveal())))
            }
            Self::Bearer(token) => format!("Bearer {}", token.reveal()),
        };
        let mut value =
            HeaderValue::from_str(&text).map_err(|_| "the credentials fit no header".to_owned())?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// An error with its causes, which tell what the outermost does not.
fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    short(&causes.fold(error.to_string(), |said, cause| format!("{said}: {cause}")))
}
