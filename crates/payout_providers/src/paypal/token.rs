use std::time::Duration;

use hyper::Method;
use serde::Deserialize;
use tokio::{sync::Mutex, time::Instant};

use super::{PayPal, answers::ApiError};
use crate::{
    Refusal, Secret,
    http::{Authorization, Reply, Request},
};

/// A token is renewed this long before it ends, so that it does not end on the way.
const MARGIN: Duration = Duration::from_secs(60);

/// The access token of the moment. PayPal asks that it is used until it ends (about nine hours).
#[derive(Default)]
pub(super) struct Tokens(Mutex<Option<Token>>);

struct Token {
    secret: Secret,
    ends: Instant,
}

/// Why there is no token; nothing was sent in its name.
pub(super) enum NoToken {
    Refused(Refusal),
    NotNow { why: String, retry_after: Option<Duration> },
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: u64,
}

/// OAuth has words of its own for an error.
#[derive(Deserialize)]
struct Denied {
    error: String,
    #[serde(default)]
    error_description: String,
}

impl Tokens {
    pub(super) async fn forget(&self) {
        *self.0.lock().await = None;
    }
}

impl PayPal {
    /// A token that holds for a while; concurrent callers wait for one request.
    pub(super) async fn token(&self) -> Result<Secret, NoToken> {
        let mut kept = self.tokens.0.lock().await;
        let now = Instant::now();
        if let Some(token) = kept.as_ref().filter(|token| token.ends > now) {
            return Ok(token.secret.clone());
        }
        let granted = self.grant().await?;
        let holds = Duration::from_secs(granted.expires_in).saturating_sub(MARGIN);
        let secret = Secret::new(granted.access_token);
        *kept = Some(Token { secret: secret.clone(), ends: now + holds });
        Ok(secret)
    }

    async fn grant(&self) -> Result<Granted, NoToken> {
        let request = Request {
            method: Method::POST,
            path: "/v1/oauth2/token",
            authorization: Authorization::Basic {
                user: &self.config.client_id,
                password: &self.config.client_secret,
            },
            content_type: "application/x-www-form-urlencoded",
            body: b"grant_type=client_credentials".to_vec(),
        };
        let not_now = |why: String| NoToken::NotNow { why, retry_after: None };
        let reply = self.caller.call(request).await.map_err(|error| not_now(error.into_text()))?;
        match reply.status.as_u16() {
            200..300 => reply.json().ok_or_else(|| not_now("the access token cannot be read".to_owned())),
            400 | 401 | 403 => Err(refused(&reply)),
            status => Err(NoToken::NotNow {
                why: format!("no access token: status {status}"),
                retry_after: reply.retry_after(),
            }),
        }
    }
}

fn refused(reply: &Reply) -> NoToken {
    let reason = match (reply.json::<Denied>(), reply.json::<ApiError>()) {
        (Some(denied), _) => format!("{}: {}", denied.error, denied.error_description),
        (None, Some(error)) => format!("{}: {}", error.name, error.message),
        (None, None) => format!("status {}", reply.status.as_u16()),
    };
    NoToken::Refused(Refusal::new("CREDENTIALS_REFUSED", reason))
}
