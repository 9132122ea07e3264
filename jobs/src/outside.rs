use std::sync::Arc;

use domain::rates::RateHosts;
use vault::Vault;

use crate::{emails::EmailRenderer, payouts::Providers};

/// What handlers need besides the database: what this instance is configured with.
pub struct Outside {
    /// Writes and sends emails.
    pub renderer: EmailRenderer,
    /// Where rates may be imported from; nowhere else.
    pub hosts: RateHosts,
    /// Opens payout details; without it nothing is paid over a provider or by a file.
    pub vault: Option<Arc<Vault>>,
    /// By whom is paid.
    pub providers: Providers,
}

impl Outside {
    /// Emails, and nothing else.
    pub fn of(renderer: EmailRenderer) -> Self {
        Self { renderer, hosts: RateHosts::default(), vault: None, providers: Providers::default() }
    }
}
