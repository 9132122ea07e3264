use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU32},
};

use anyhow::Context;
use api::{
    auth::{Gate, RegistrationPolicy},
    http::{HttpConfig, Limiter, Metrics, Sockets, serve_api},
    live::{Live, Pace},
};
use chrono::{DateTime, Utc};
use documents::{SigningKeys, VerifyingKey};
use domain::{
    clock::Clock,
    db::{Db, DbConfig},
    rates::RateHosts,
    team::invites::InvitesPerDay,
    users::{Passwords, Secrets},
};
use ids::IdSource;
use jobs::{EmailRenderer, Outside, PayPalNews, Providers};
use mailer::Mailer;
use queue::NoWake;
use refero::Edge;
use test_database::{TestDatabase, or_panic};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use vault::Vault;

use crate::{app::TestApp, mail::Mail, statements};

/// When tests begin unless they say otherwise.
const BEGINNING: &str = "2026-03-02T09:00:00Z";

/// A [`TestApp`] to be started.
pub struct Builder {
    now: DateTime<Utc>,
    smtp: bool,
    registration: RegistrationPolicy,
    invites_per_day: InvitesPerDay,
    rate_hosts: RateHosts,
    has_vault: bool,
    http: HttpConfig,
    pace: Pace,
    providers: Providers,
}

/// 32 bytes of text: a secret of nobody.
const SECRET: &str = "6e6f626f6479206e6f626f6479206e6f626f6479206e6f626f6479206e6f626f";

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            now: or_panic(BEGINNING.parse::<DateTime<Utc>>()),
            smtp: false,
            registration: RegistrationPolicy::Open,
            invites_per_day: InvitesPerDay::default(),
            rate_hosts: RateHosts::default(),
            has_vault: true,
            http: HttpConfig::for_testing(),
            pace: Pace::default(),
            providers: Providers::default(),
        }
    }

    /// Begins at this instant instead of on 2 March 2026, 09:00 UTC.
    #[track_caller]
    pub fn at(self, now: &str) -> Self {
        Self { now: or_panic(now.parse::<DateTime<Utc>>()), ..self }
    }

    /// Sends mail over SMTP to a server in the test, instead of into a list.
    pub fn smtp(self) -> Self {
        Self { smtp: true, ..self }
    }

    /// Who may register.
    pub fn registration(self, registration: RegistrationPolicy) -> Self {
        Self { registration, ..self }
    }

    /// How many people an account may invite within a day; 0 is no limit.
    pub fn invites_per_day(self, most: u32) -> Self {
        Self { invites_per_day: InvitesPerDay::most(most), ..self }
    }

    /// Where rates may be imported from, as `RATES_HOSTS` has it.
    #[track_caller]
    pub fn rate_hosts(self, hosts: &str) -> Self {
        Self { rate_hosts: or_panic(RateHosts::parse(hosts)), ..self }
    }

    /// Has no `PAYOUT_KEYS`.
    pub fn without_vault(self) -> Self {
        Self { has_vault: false, ..self }
    }

    /// By whom is paid.
    pub fn providers(self, providers: Providers) -> Self {
        Self { providers, ..self }
    }

    /// Changes how HTTP behaves.
    pub fn http(mut self, change: impl FnOnce(&mut HttpConfig)) -> Self {
        change(&mut self.http);
        self
    }

    /// Changes how often what stays open is looked after.
    pub fn pace(mut self, change: impl FnOnce(&mut Pace)) -> Self {
        change(&mut self.pace);
        self
    }

    /// Starts it: a database, the API on a socket, an account with its owner.
    pub async fn start(self) -> TestApp {
        or_panic(self.try_start().await)
    }

    async fn try_start(self) -> anyhow::Result<TestApp> {
        statements::install();
        let database = TestDatabase::create().await?;
        let db = Db::new(&DbConfig::for_testing(&database.url))?;
        let (clock, ids) = (Clock::fixed(self.now), IdSource::seeded(1));
        let secrets: Secrets = SECRET.parse()?;
        let (passwords, mail) = (Passwords::for_testing()?, Mail::start(self.smtp).await?);
        let renderer = self.renderer(&mail, &secrets)?;
        let outside = self.outside(renderer.clone())?;
        let (vault, statement_keys) = (outside.vault.clone(), published(&outside));
        let news = PayPalNews::of(&outside.providers, &db, &clock, &ids);
        let registry = jobs::handlers(&db, &clock, &ids, outside);
        let cookie = self.http.public_url.session_cookie();
        let (live, metrics) = (Live::new(&db, &clock, self.pace), Metrics::new());
        let edge = Edge {
            config: self.http,
            db: db.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            gate: Gate {
                passwords: passwords.clone(),
                secrets: secrets.clone(),
                limiter: Limiter::in_process(),
                registration: self.registration,
                invites_per_day: self.invites_per_day,
                rate_hosts: self.rate_hosts,
                vault,
                statement_keys,
            },
            wake: Arc::new(NoWake),
            renderer,
            live: live.clone(),
            metrics: metrics.clone(),
            news,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.context("a port of the test's own")?;
        let address = listener.local_addr()?;
        let shutdown = CancellationToken::new();
        tokio::spawn(serve_api(listener, edge.build(), Sockets::default(), shutdown.clone()));
        let app = TestApp {
            db,
            clock,
            ids,
            address,
            database,
            passwords,
            secrets,
            registry,
            mail,
            cookie,
            live,
            metrics,
            shutdown,
            first: Mutex::default(),
            founded: AtomicU32::new(0),
            leaves_jobs: AtomicBool::new(false),
        };
        app.settle_first().await?;
        Ok(app)
    }

    fn renderer(&self, mail: &Mail, secrets: &Secrets) -> anyhow::Result<EmailRenderer> {
        let mailer = Mailer::from_config(mail.config()?)?;
        Ok(EmailRenderer::new(mailer, secrets.clone(), self.http.public_url.origin()))
    }

    /// What jobs reach outside of the database.
    fn outside(&self, renderer: EmailRenderer) -> anyhow::Result<Outside> {
        // 32 bytes of text in base64: a key to nothing.
        let vault: Vault = "test:bm90aGluZyBub3RoaW5nIG5vdGhpbmcgbm90aGluZyE=".parse()?;
        let vault = self.has_vault.then(|| Arc::new(vault));
        // The same bytes as a seed: a signature by nobody.
        let signing_keys: SigningKeys = "test:bm90aGluZyBub3RoaW5nIG5vdGhpbmcgbm90aGluZyE=".parse()?;
        let signing_keys = Some(Arc::new(signing_keys));
        let (hosts, providers) = (self.rate_hosts.clone(), self.providers.clone());
        Ok(Outside { renderer, hosts, vault, providers, signing_keys })
    }
}

/// What anybody may verify statements by.
fn published(outside: &Outside) -> Vec<VerifyingKey> {
    outside.signing_keys.as_deref().map(SigningKeys::verifying_keys).unwrap_or_default()
}
