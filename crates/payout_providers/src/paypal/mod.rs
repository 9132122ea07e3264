//! PayPal's Payouts API, version 1.
//!
//! A submission is a batch under its `sender_batch_id`, which PayPal takes once in 30 days. An item's
//! `sender_item_id` is the payment's reference, for reports only: PayPal refuses no double by it.
//! Source: <https://developer.paypal.com/docs/api/payments.payouts-batch/v1/>.

mod amount;
mod answers;
mod look_up;
mod poll;
mod requests;
mod status;
mod submit;
mod token;
mod webhook;

pub use amount::can_pay;
pub(crate) use amount::text as amount_text;
pub use webhook::{NotAWebhook, Transmission, VerifyError, Webhook, WebhookSubject};

use std::{fmt, time::Duration};

use hyper::{Method, StatusCode};

use crate::{
    Answer, BaseUrl, Draft, LookUpError, PollError, Progress, Provider, Secret, SetUpError, Submission,
    SubmitError, Submitted, Tried,
    http::{Authorization, CallError, Caller, Reply, Request},
};
use token::Tokens;

/// How to reach an account at PayPal.
#[derive(Debug, Clone)]
pub struct PayPalConfig {
    /// `https://api-m.paypal.com`, or `https://api-m.sandbox.paypal.com`.
    pub base: BaseUrl,
    /// The client id of the REST app. It must have the Payouts feature.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// The id of the webhook, as PayPal's dashboard shows it; without it no webhook is believed.
    pub webhook_id: Option<String>,
    /// The subject of the email that recipients get from PayPal; PayPal's own if there is none.
    pub email_subject: Option<String>,
    /// The limit of one HTTP call. PayPal asks for at least 30 s.
    pub call_timeout: Duration,
    /// How long a try that was given up may still be at work there: until then nothing is concluded from what is not seen.
    pub settles_within: Duration,
}

/// A client of PayPal's Payouts API.
pub struct PayPal {
    config: PayPalConfig,
    caller: Caller,
    tokens: Tokens,
}

impl PayPal {
    /// The most items of a batch.
    pub const MOST_PAYMENTS: usize = 15_000;

    /// A client; it connects when it is used.
    ///
    /// # Errors
    /// [`SetUpError`].
    pub fn new(config: PayPalConfig) -> Result<Self, SetUpError> {
        let caller = Caller::new(config.base.clone(), config.call_timeout)?;
        Ok(Self { config, caller, tokens: Tokens::default() })
    }

    /// Calls with an access token; a token that is refused is forgotten.
    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
        token: &Secret,
    ) -> Result<Reply, CallError> {
        let authorization = Authorization::Bearer(token);
        let content_type = "application/json";
        let reply = self.caller.call(Request { method, path, authorization, content_type, body }).await?;
        // Also a token that may not do this: after the app was given the right, a new one may.
        if matches!(reply.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            self.tokens.forget().await;
        }
        Ok(reply)
    }
}

impl fmt::Debug for PayPal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PayPal").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Provider for PayPal {
    fn name(&self) -> &'static str {
        "paypal"
    }

    fn account(&self) -> String {
        self.config.client_id.clone()
    }

    fn max_payments(&self) -> usize {
        Self::MOST_PAYMENTS
    }

    /// PayPal needs nothing before; the draft is the submission's reference.
    fn prepare<'a>(&'a self, submission: &'a Submission) -> Answer<'a, Result<Draft, SubmitError>> {
        Box::pin(async { Ok(Draft(submission.reference().to_string())) })
    }

    fn submit<'a>(
        &'a self,
        submission: &'a Submission,
        _: &'a Draft,
    ) -> Answer<'a, Result<Submitted, SubmitError>> {
        Box::pin(async { submit::submit(self, submission).await.or_else(submit::Failed::into_answer) })
    }

    fn look_up<'a>(
        &'a self,
        submission: &'a Submission,
        _: &'a Draft,
        tried: Tried,
    ) -> Answer<'a, Result<Option<Submitted>, LookUpError>> {
        Box::pin(look_up::look_up(self, submission, tried))
    }

    fn pays_by_looking_up(&self, tried: Tried) -> bool {
        look_up::may_ask(self, tried).is_ok()
    }

    /// A batch that PayPal refused is nowhere.
    fn abandon<'a>(&'a self, _: &'a Draft) -> Answer<'a, Result<(), SubmitError>> {
        Box::pin(async { Ok(()) })
    }

    fn poll<'a>(
        &'a self,
        submission: &'a Submission,
        submitted: &'a Submitted,
    ) -> Answer<'a, Result<Progress, PollError>> {
        Box::pin(poll::poll(self, submission, submitted))
    }
}
