use std::sync::Arc;

use api::{auth::RegistrationPolicy, http::HttpConfig};
use domain::{
    db::DbConfig,
    rates::RateHosts,
    team::invites::InvitesPerDay,
    users::{PasswordsConfig, Secrets},
};
use jobs::{Providers, WorkersConfig};
use mailer::MailerConfig;
use vault::Vault;

use crate::{failure, log::LogConfig};

/// What a serving or working process is configured with: one struct per concern, each owned by its crate.
pub struct Config {
    pub db: DbConfig,
    pub http: HttpConfig,
    pub workers: WorkersConfig,
    pub mailer: MailerConfig,
    pub passwords: PasswordsConfig,
    pub secrets: Secrets,
    pub registration: RegistrationPolicy,
    pub invites_per_day: InvitesPerDay,
    pub rate_hosts: RateHosts,
    /// What payout details are sealed by; without it nobody can say where to be paid.
    pub vault: Option<Arc<Vault>>,
    /// By whom is paid.
    pub providers: Providers,
    pub log: LogConfig,
}

impl Config {
    /// Reads the environment; every key is explained in `.env.sample`.
    ///
    /// # Errors
    /// The first key that is missing, malformed or contradicts another.
    pub fn from_env() -> anyhow::Result<Self> {
        failure::config(Self::read())
    }

    fn read() -> anyhow::Result<Self> {
        Ok(Self {
            log: LogConfig::from_env("info")?,
            db: DbConfig::from_env()?,
            http: HttpConfig::from_env()?,
            workers: WorkersConfig::from_env()?,
            mailer: MailerConfig::from_env()?,
            passwords: PasswordsConfig::from_env()?,
            secrets: Secrets::from_env()?,
            registration: RegistrationPolicy::from_env()?,
            invites_per_day: InvitesPerDay::from_env()?,
            rate_hosts: RateHosts::from_env()?,
            vault: Vault::from_env()?.map(Arc::new),
            providers: Providers::from_env()?,
        })
    }
}
