use std::net;

use anyhow::Context;
use api::http::HttpConfig;
use tokio::net::TcpListener;

/// The sockets of a process, bound before anything else: a port that another program has is the commonest reason why a
/// start fails.
pub struct Listeners {
    /// The public one; none for a process that only works.
    pub api: Option<TcpListener>,
    /// Health and metrics.
    pub operations: TcpListener,
}

impl Listeners {
    /// Binds the addresses of the configuration.
    ///
    /// # Errors
    /// When one of them is taken or not ours.
    pub async fn bind(config: &HttpConfig, serves: bool) -> anyhow::Result<Self> {
        let api = match serves {
            true => Some(
                TcpListener::bind(config.bind_addr)
                    .await
                    .with_context(|| format!("cannot listen at {} (BIND_ADDR)", config.bind_addr))?,
            ),
            false => None,
        };
        let operations = TcpListener::bind(config.metrics_addr)
            .await
            .with_context(|| format!("cannot listen at {} (METRICS_ADDR)", config.metrics_addr))?;
        Ok(Self { api, operations })
    }

    /// Takes sockets that are bound already.
    ///
    /// # Errors
    /// When they cannot be made ready for use.
    pub fn of(api: net::TcpListener, operations: net::TcpListener) -> anyhow::Result<Self> {
        Ok(Self { api: Some(ready(api)?), operations: ready(operations)? })
    }
}

fn ready(listener: net::TcpListener) -> anyhow::Result<TcpListener> {
    listener.set_nonblocking(true)?;
    Ok(TcpListener::from_std(listener)?)
}
