use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context, ensure};

use super::{client_addr::Cidr, limiter::Budget, live::LiveConfig, public_url::PublicUrl};
use crate::graphql::limits::Limits;

/// How the HTTP edge behaves. Every key is explained in `.env.sample`.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// `BIND_ADDR`: where the API listens.
    pub bind_addr: SocketAddr,
    /// `METRICS_ADDR`: where health and metrics listen; not for the public.
    pub metrics_addr: SocketAddr,
    /// `PUBLIC_URL`: the origin that people see; decides the cookie and whose pages may use it.
    pub public_url: PublicUrl,
    /// `TRUSTED_PROXIES`: whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Cidr>,
    /// What one document may ask for.
    pub limits: Limits,
    /// Points per credential: `RATE_LIMIT_CAPACITY`, `RATE_LIMIT_PER_SECOND`.
    pub per_credential: Budget,
    /// Points per client address: `RATE_LIMIT_ANONYMOUS_CAPACITY`, `RATE_LIMIT_ANONYMOUS_PER_SECOND`. Requests without a
    /// good credential pay from it, and every request a deposit of one point until its credential is found good.
    pub per_address: Budget,
    /// How long a client waits for an operation before it is answered `DEADLINE`.
    pub deadline: Duration,
    /// The largest body, in bytes.
    pub body_bytes: usize,
    /// Bodies above 16 kB being received at once; more are answered `OVERLOADED`.
    pub large_bodies: usize,
    /// How long a body may take to arrive.
    pub body_deadline: Duration,
    /// Operations under way at once, those whose client has left included; more are answered `OVERLOADED`.
    pub max_in_flight: usize,
    /// What stays open: sockets and event streams.
    pub live: LiveConfig,
}

impl HttpConfig {
    /// Reads the environment.
    ///
    /// # Errors
    /// When a key is missing, malformed or contradicts another; the sentence names it.
    pub fn from_env() -> anyhow::Result<Self> {
        let public_url =
            env::var_parsed("PUBLIC_URL")?.context("PUBLIC_URL must be set (see .env.sample)")?;
        let defaults = Self::with_public_url(public_url);
        let bind_addr = env::var_parsed("BIND_ADDR")?.unwrap_or(defaults.bind_addr);
        let metrics_addr = env::var_parsed("METRICS_ADDR")?.unwrap_or(defaults.metrics_addr);
        Self { bind_addr, metrics_addr, ..defaults }.completed()
    }

    /// As [`HttpConfig::from_env`], at addresses that are chosen already: for `refero up`, which needs no `PUBLIC_URL`.
    ///
    /// # Errors
    /// When a key is malformed or contradicts another.
    pub fn from_env_at(bind_addr: SocketAddr, metrics_addr: SocketAddr) -> anyhow::Result<Self> {
        let public_url = env::var_parsed("PUBLIC_URL")?;
        let public_url = public_url.unwrap_or_else(|| PublicUrl::localhost(bind_addr.port()));
        Self { bind_addr, metrics_addr, ..Self::with_public_url(public_url) }.completed()
    }

    /// Reads the keys that have a default wherever the process listens.
    fn completed(self) -> anyhow::Result<Self> {
        let config = Self {
            trusted_proxies: env::list("TRUSTED_PROXIES")?,
            limits: Limits::from_env()?,
            live: LiveConfig::from_env()?,
            per_credential: budget("RATE_LIMIT", self.per_credential)?,
            per_address: budget("RATE_LIMIT_ANONYMOUS", self.per_address)?,
            ..self
        };
        let costliest = config.limits.cost;
        let smallest = config.per_credential.capacity.min(config.per_address.capacity);
        ensure!(
            smallest >= costliest,
            "RATE_LIMIT_CAPACITY and RATE_LIMIT_ANONYMOUS_CAPACITY must be at least GRAPHQL_MAX_COST ({costliest}): \
             an operation that is allowed could never run"
        );
        ensure!(config.bind_addr != config.metrics_addr, "METRICS_ADDR must differ from BIND_ADDR");
        Ok(config)
    }

    /// Ports that the system picks, and budgets that no test exhausts by accident.
    pub fn for_testing() -> Self {
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let plenty = Budget { capacity: 10_000_000, per_second: 1_000_000.0 };
        let localhost = PublicUrl::localhost(80);
        Self {
            bind_addr: any_port,
            metrics_addr: any_port,
            per_credential: plenty,
            per_address: plenty,
            ..Self::with_public_url(localhost)
        }
    }

    fn with_public_url(public_url: PublicUrl) -> Self {
        Self {
            bind_addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 4000)),
            metrics_addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 4001)),
            public_url,
            trusted_proxies: Vec::new(),
            limits: Limits::default(),
            per_credential: Budget { capacity: 100_000, per_second: 10_000.0 },
            per_address: Budget { capacity: 20_000, per_second: 200.0 },
            deadline: Duration::from_secs(5),
            body_bytes: 256 * 1024,
            large_bodies: 256,
            body_deadline: Duration::from_secs(10),
            max_in_flight: 1_000,
            live: LiveConfig::default(),
        }
    }
}

fn budget(prefix: &str, default: Budget) -> anyhow::Result<Budget> {
    let (capacity, per_second) = (format!("{prefix}_CAPACITY"), format!("{prefix}_PER_SECOND"));
    let budget = Budget {
        capacity: env::var_parsed(&capacity)?.unwrap_or(default.capacity),
        per_second: env::var_parsed(&per_second)?.unwrap_or(default.per_second),
    };
    ensure!(budget.capacity > 0, "{capacity} must be at least 1");
    ensure!(budget.per_second.is_finite() && budget.per_second > 0.0, "{per_second} must be more than 0");
    Ok(budget)
}
