use std::net::SocketAddr;

use anyhow::{Context, ensure};
use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::server::Credential;

const LARGEST: usize = 4 * 1024 * 1024;

/// One connection that is kept.
pub struct Connection {
    sender: SendRequest<Body>,
    host: String,
}

/// An answer that says 200.
pub struct Answer {
    pub body: Vec<u8>,
    /// `name=value` of the cookie that it sets.
    pub cookie: Option<String>,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, host: address.to_string() })
    }

    /// Whether a GET is answered 200.
    pub async fn get_ok(&mut self, path: &str) -> bool {
        let Ok(request) = Request::get(path).header(header::HOST, &self.host).body(Body::empty()) else {
            return false;
        };
        self.sender.send_request(request).await.is_ok_and(|response| response.status() == StatusCode::OK)
    }

    /// Posts JSON; anything but 200 is an error.
    pub async fn post(
        &mut self,
        path: &str,
        credential: &Credential,
        body: impl Into<Body>,
    ) -> anyhow::Result<Answer> {
        let mut request = Request::post(path)
            .header(header::HOST, &self.host)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json");
        for (name, value) in credential.headers() {
            request = request.header(name, value);
        }
        self.sender.ready().await?;
        let response = self.sender.send_request(request.body(body.into())?).await?;
        let (status, cookie) = (response.status(), response.headers().get(header::SET_COOKIE).cloned());
        let body = to_bytes(Body::new(response.into_body()), LARGEST).await?;
        ensure!(status == StatusCode::OK, "{status}: {}", String::from_utf8_lossy(&body));
        let cookie = cookie.as_ref().and_then(|cookie| cookie.to_str().ok()?.split(';').next());
        Ok(Answer { cookie: cookie.map(str::to_owned), body: body.to_vec() })
    }

    /// Asks our API, and answers what stands under `data`.
    pub async fn ask(
        &mut self,
        credential: &Credential,
        query: &str,
        variables: &Value,
    ) -> anyhow::Result<Value> {
        let body = serde_json::json!({ "query": query, "variables": variables }).to_string();
        self.post("/graphql", credential, body).await?.data()
    }
}

impl Answer {
    /// What stands under `data`, if nothing is wrong.
    pub fn data(&self) -> anyhow::Result<Value> {
        let mut answer: Value = serde_json::from_slice(&self.body)?;
        let said = || String::from_utf8_lossy(&self.body).into_owned();
        ensure!(answer.get("errors").is_none(), said());
        Ok(answer.get_mut("data").with_context(said)?.take())
    }
}
