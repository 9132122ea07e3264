use std::net::SocketAddr;

use anyhow::Context;
use axum::{
    body::Body,
    http::{Request, header, request},
};
use serde_json::{Value, json};
use test_database::or_panic;

use crate::{
    answer::Answer,
    http::{Response, send},
};

/// Somebody who uses the API, over HTTP like everybody else.
#[derive(Debug, Clone)]
pub struct Actor {
    pub(crate) address: SocketAddr,
    pub(crate) credential: Credential,
    /// `X-Account-Id`.
    pub(crate) account: Option<String>,
}

/// How an actor shows who they are.
#[derive(Debug, Clone)]
pub(crate) enum Credential {
    Nobody,
    /// The session cookie, `name=token`.
    Session(String),
    ApiKey(String),
}

impl Actor {
    /// Sends one operation and panics only when no GraphQL answer comes back.
    pub async fn gql(&self, query: &str, variables: Value) -> Answer {
        let response = self.post(&json!({ "query": query, "variables": variables }).to_string()).await;
        or_panic(Answer::of(response))
    }

    /// As [`Actor::gql`], for a server that may be gone.
    ///
    /// # Errors
    /// When no GraphQL answer comes back.
    pub async fn try_gql(&self, query: &str, variables: Value) -> anyhow::Result<Answer> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        Answer::of(self.try_post(&body).await?)
    }

    /// The same actor at another server of the same database.
    pub fn at(&self, address: SocketAddr) -> Self {
        Self { address, ..self.clone() }
    }

    /// Sends a body to `/graphql` as it is.
    pub async fn post(&self, body: &str) -> Response {
        or_panic(self.try_post(body).await)
    }

    async fn try_post(&self, body: &str) -> anyhow::Result<Response> {
        let request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
        self.send(request, body.as_bytes().to_vec()).await
    }

    /// Sends a request with what shows who the actor is.
    async fn send(&self, request: request::Builder, body: Vec<u8>) -> anyhow::Result<Response> {
        let mut request = request.header(header::HOST, self.address.to_string());
        match &self.credential {
            Credential::Nobody => {}
            Credential::Session(cookie) => {
                request = request.header(header::COOKIE, cookie).header(api::http::CSRF_HEADER, "1");
            }
            Credential::ApiKey(secret) => {
                request = request.header(header::AUTHORIZATION, format!("Bearer {secret}"));
            }
        }
        if let Some(account) = &self.account {
            request = request.header("x-account-id", account);
        }
        send(self.address, request.body(Body::from(body))?).await
    }

    /// Gives a file of this name and media type.
    pub async fn give_file(&self, name: &str, media_type: &str, bytes: &[u8]) -> Response {
        let request = Request::post(format!("/files?name={name}")).header(header::CONTENT_TYPE, media_type);
        or_panic(self.send(request, bytes.to_vec()).await)
    }

    /// Whoever has the session that this answer opened; panics if it opened none.
    #[track_caller]
    pub fn with_session_of(&self, answer: &Answer) -> Self {
        let cookies =
            answer.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        let cookie = cookies.filter_map(|cookie| cookie.split(';').next()).next();
        let cookie = or_panic(cookie.context("the answer sets no cookie")).to_owned();
        Self { credential: Credential::Session(cookie), ..self.clone() }
    }

    /// A machine with this API key.
    pub fn with_key(&self, secret: &str) -> Self {
        Self { credential: Credential::ApiKey(secret.to_owned()), ..self.clone() }
    }

    /// The same person, asking about another account.
    pub fn about(&self, account: &str) -> Self {
        Self { account: Some(account.to_owned()), ..self.clone() }
    }

    /// The same person, naming no account.
    pub fn unnamed(&self) -> Self {
        Self { account: None, ..self.clone() }
    }

    /// Gets a page, as nobody.
    pub async fn get(&self, path: &str) -> Response {
        let request = Request::get(path).header(header::HOST, self.address.to_string());
        or_panic(send(self.address, or_panic(request.body(Body::empty()))).await)
    }
}
