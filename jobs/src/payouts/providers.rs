use std::{sync::Arc, time::Duration};

use anyhow::{Context, bail};
use domain::payout_batches::{Rail, SubmitPayouts};
use ids::AccountId;
use payout_providers::{BaseUrl, PayPal, Provider, Secret, Wise, files::Debtor, paypal, wise};
use queue::Job;

/// The limit of one call to a provider. PayPal asks for at least 30 s.
const CALL_TIMEOUT: Duration = Duration::from_secs(40);

/// How long a submission whose outcome nobody heard is left alone, unless `PAYOUT_SETTLES_SECONDS` says otherwise: no provider
/// works on one call for so long.
const SETTLES_WITHIN: Duration = Duration::from_secs(600);

/// For whom the instance's own providers pay: whoever is paid by them is paid with the operator's money (ADR 30).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum PaysFor {
    /// All accounts: they are all the operator's.
    #[default]
    Everybody,
    /// These accounts.
    Accounts(Vec<AccountId>),
}

/// By whom this instance pays. What is missing pays nobody: its submissions are refused until it is there.
#[derive(Clone, Default)]
pub struct Providers {
    /// PayPal's Payouts API.
    pub paypal: Option<Arc<PayPal>>,
    /// Wise's Platform API.
    pub wise: Option<Arc<Wise>>,
    /// The account that SEPA files pay from.
    pub debtor: Option<Debtor>,
    /// For whom they pay.
    pub pays_for: PaysFor,
}

impl Providers {
    /// Reads the settings of providers; each is there or not as a whole.
    ///
    /// # Errors
    /// When one is there in part, or malformed. No value is repeated.
    pub fn from_env() -> anyhow::Result<Self> {
        let mut providers = Self {
            paypal: paypal()?,
            wise: wise()?,
            debtor: debtor()?,
            pays_for: PaysFor::Accounts(Vec::new()),
        };
        if providers.paypal.is_some() || providers.wise.is_some() || providers.debtor.is_some() {
            providers.pays_for = pays_for()?;
        }
        Ok(providers)
    }

    /// Whether they pay for this account.
    pub(super) fn pay_for(&self, account_id: AccountId) -> bool {
        match &self.pays_for {
            PaysFor::Everybody => true,
            PaysFor::Accounts(accounts) => accounts.contains(&account_id),
        }
    }

    /// The provider that a rail calls.
    pub(super) fn of(&self, rail: Rail) -> Option<Arc<dyn Provider>> {
        match rail {
            Rail::Paypal => self.paypal.clone().map(|paypal| paypal as Arc<dyn Provider>),
            Rail::Wise => self.wise.clone().map(|wise| wise as Arc<dyn Provider>),
            _ => None,
        }
    }
}

fn paypal() -> anyhow::Result<Option<Arc<PayPal>>> {
    let pair = (env::var("PAYPAL_CLIENT_ID")?, env::var("PAYPAL_CLIENT_SECRET")?);
    let (client_id, client_secret) = match pair {
        (Some(id), Some(secret)) => (id, Secret::new(secret)),
        (None, None) => return Ok(None),
        _ => bail!("PAYPAL_CLIENT_ID and PAYPAL_CLIENT_SECRET must be set together"),
    };
    let base: Option<BaseUrl> = env::var_parsed("PAYPAL_BASE_URL")?;
    let base = base.map_or_else(|| "https://api-m.paypal.com".parse(), Ok)?;
    let config = paypal::PayPalConfig {
        settles_within: settles_within(&base)?,
        base,
        client_id,
        client_secret,
        webhook_id: env::var("PAYPAL_WEBHOOK_ID")?,
        email_subject: None,
        call_timeout: CALL_TIMEOUT,
    };
    Ok(Some(Arc::new(PayPal::new(config).context("PayPal")?)))
}

fn settles_within(base: &BaseUrl) -> anyhow::Result<Duration> {
    let said = env::var_parsed("PAYOUT_SETTLES_SECONDS")?.map_or(SETTLES_WITHIN, Duration::from_secs);
    at_least(said, base)
}

/// With a provider never less than a worker that has lost its job may go on: its run, and the last call. A fake takes what it gets.
fn at_least(said: Duration, base: &BaseUrl) -> anyhow::Result<Duration> {
    let least = SubmitPayouts::MAX_RUN + CALL_TIMEOUT;
    if !base.is_here() && said < least {
        bail!(
            "PAYOUT_SETTLES_SECONDS must be at least {}: a call may be on its way for so long",
            least.as_secs()
        );
    }
    Ok(said)
}

fn wise() -> anyhow::Result<Option<Arc<Wise>>> {
    let profile: Option<u64> = env::var_parsed("WISE_PROFILE_ID")?;
    let (token, profile) = match (env::var("WISE_TOKEN")?, profile) {
        (Some(token), Some(profile)) => (Secret::new(token), profile),
        (None, None) => return Ok(None),
        _ => bail!("WISE_TOKEN and WISE_PROFILE_ID must be set together"),
    };
    let base: Option<BaseUrl> = env::var_parsed("WISE_BASE_URL")?;
    let base = base.map_or_else(|| "https://api.wise.com".parse(), Ok)?;
    let settles_within = settles_within(&base)?;
    let config = wise::WiseConfig { base, token, profile, call_timeout: CALL_TIMEOUT, settles_within };
    Ok(Some(Arc::new(Wise::new(config).context("Wise")?)))
}

fn pays_for() -> anyhow::Result<PaysFor> {
    match env::var("PROVIDER_ACCOUNTS")?.as_deref().map(str::trim) {
        None => bail!(
            "PROVIDER_ACCOUNTS must be set: the accounts (acc_.., separated by commas) whose payouts the providers of this \
             instance pay, or * for all"
        ),
        Some("*") => Ok(PaysFor::Everybody),
        Some(_) => Ok(PaysFor::Accounts(env::list("PROVIDER_ACCOUNTS")?)),
    }
}

fn debtor() -> anyhow::Result<Option<Debtor>> {
    let bic = env::var_parsed("SEPA_DEBTOR_BIC")?;
    match (env::var("SEPA_DEBTOR_NAME")?, env::var_parsed("SEPA_DEBTOR_IBAN")?) {
        (Some(name), Some(iban)) => Ok(Some(Debtor { name, iban, bic })),
        (None, None) => Ok(None),
        _ => bail!("SEPA_DEBTOR_NAME and SEPA_DEBTOR_IBAN must be set together"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_provider_is_asked_again_while_a_lost_worker_may_be_calling_it() {
        let (real, fake) =
            ("https://api-m.paypal.com".parse().unwrap(), "http://127.0.0.1:1".parse().unwrap());
        for (seconds, is_enough) in [(0, false), (339, false), (340, true)] {
            let said = Duration::from_secs(seconds);
            assert_eq!(at_least(said, &real).is_ok(), is_enough, "{seconds}");
            assert_eq!(at_least(said, &fake).unwrap(), said);
        }
    }
}
