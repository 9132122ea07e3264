use std::sync::Arc;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    clock::Clock,
    db::Db,
    payout_batches::{NotBelieved, PollSubmission, ProviderNews, Rail, SaidByProvider},
    schema::{payout_batches, payout_submissions, payouts},
};
use futures_util::{FutureExt, future::BoxFuture};
use ids::{AccountId, IdSource, PayoutId, PayoutSubmissionId};
use payout_providers::{
    PayPal,
    paypal::{Transmission, VerifyError, Webhook, WebhookSubject},
};
use queue::NewJob;

use super::providers::Providers;
use crate::handler::Failure;

/// Hears PayPal's webhooks: looks whether one is about a submission of ours, asks PayPal whether it sent it, and enqueues a poll.
pub struct PayPalNews {
    paypal: Arc<PayPal>,
    db: Db,
    clock: Clock,
    ids: IdSource,
}

impl PayPalNews {
    /// Of the PayPal that pays, if there is one.
    pub fn of(
        providers: &Providers,
        db: &Db,
        clock: &Clock,
        ids: &IdSource,
    ) -> Option<Arc<dyn ProviderNews>> {
        let (paypal, db) = (providers.paypal.clone()?, db.clone());
        Some(Arc::new(Self { paypal, db, clock: clock.clone(), ids: ids.clone() }))
    }

    async fn heard(&self, said: &SaidByProvider) -> Result<(), NotBelieved> {
        let webhook = Webhook::read(&said.body).map_err(|_| NotBelieved::Forged)?;
        let transmission = transmission(said).ok_or(NotBelieved::Forged)?;
        // Strangers who know none of our names cost a look at an index, and no call.
        let ours = self.ours(&webhook.subject).await.map_err(|error| {
            tracing::warn!(%error, "a webhook was not looked up");
            NotBelieved::NotNow
        })?;
        let Some((account_id, submission_id)) = ours else { return Ok(()) };
        self.paypal.verify(&transmission, &said.body).await.map_err(|error| match error {
            VerifyError::Forged => NotBelieved::Forged,
            VerifyError::NotNow(_) => NotBelieved::NotNow,
            VerifyError::NotSetUp(_) => NotBelieved::NotSetUp,
        })?;
        let poll = PollSubmission { account_id, submission_id, quiet: 0, told: true };
        let poll = NewJob::of(&poll).account(account_id).caused_by(Some(said.request_id.clone()), None);
        let enqueued = async {
            let mut conn = self.db.get().await?;
            queue::enqueue(&mut conn, self.clock.now(), &self.ids, &[poll]).await?;
            Ok::<_, Failure>(())
        };
        enqueued.await.map_err(|error| {
            tracing::warn!(%error, "a webhook was not acted upon");
            NotBelieved::NotNow
        })
    }

    /// The submission that a webhook is about.
    async fn ours(
        &self,
        subject: &WebhookSubject,
    ) -> Result<Option<(AccountId, PayoutSubmissionId)>, Failure> {
        let mut conn = self.db.get().await?;
        let found = match subject {
            WebhookSubject::Payment { report, .. } => {
                let Ok(id) = report.payment.as_str().parse::<PayoutId>() else { return Ok(None) };
                payouts::table
                    .find(id)
                    .filter(payouts::submission_id.is_not_null())
                    .select((payouts::account_id, payouts::submission_id.assume_not_null()))
                    .first(&mut conn)
                    .await
            }
            WebhookSubject::Batch { reference: Some(reference), .. } => {
                let Ok(id) = reference.as_str().parse::<PayoutSubmissionId>() else { return Ok(None) };
                payout_submissions::table
                    .find(id)
                    .select((payout_submissions::account_id, payout_submissions::id))
                    .first(&mut conn)
                    .await
            }
            // PayPal does not always repeat our name of it, and always says its own.
            WebhookSubject::Batch { provider_id, .. } => {
                let of_paypal = payout_batches::table
                    .filter(payout_batches::rail.eq(Rail::Paypal))
                    .select(payout_batches::id);
                payout_submissions::table
                    .filter(payout_submissions::provider_reference.eq(provider_id))
                    .filter(payout_submissions::batch_id.eq_any(of_paypal))
                    .select((payout_submissions::account_id, payout_submissions::id))
                    .first(&mut conn)
                    .await
            }
            WebhookSubject::Other => return Ok(None),
        };
        Ok(found.optional()?)
    }
}

fn transmission(said: &SaidByProvider) -> Option<Transmission> {
    let header = |name: &str| said.headers.get(name).cloned();
    Some(Transmission {
        id: header("paypal-transmission-id")?,
        time: header("paypal-transmission-time")?,
        signature: header("paypal-transmission-sig")?,
        certificate_url: header("paypal-cert-url")?,
        algorithm: header("paypal-auth-algo")?,
    })
}

impl ProviderNews for PayPalNews {
    fn hear<'a>(&'a self, said: &'a SaidByProvider) -> BoxFuture<'a, Result<(), NotBelieved>> {
        self.heard(said).boxed()
    }
}
