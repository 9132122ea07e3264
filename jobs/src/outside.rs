use std::sync::Arc;

use documents::SigningKeys;
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
    /// Signs statements and invoices; without it they are not signed, and say so.
    pub signing_keys: Option<Arc<SigningKeys>>,
}

impl Outside {
    /// Emails, and nothing else.
    pub fn of(renderer: EmailRenderer) -> Self {
        let hosts = RateHosts::default();
        Self { renderer, hosts, vault: None, providers: Providers::default(), signing_keys: None }
    }
}
