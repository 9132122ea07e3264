use std::{
    io::ErrorKind,
    net::{Ipv4Addr, SocketAddr, TcpListener},
};

use anyhow::Context;

/// How many pairs of ports are tried after the usual one.
const TRIES: u16 = 50;

/// Two sockets for the API and its operations. Where `BIND_ADDR` and `METRICS_ADDR` say nothing, a port that another
/// program has is passed over for the next one.
///
/// # Errors
/// When no port is free, or not the one that is asked for.
pub fn bind() -> anyhow::Result<(TcpListener, TcpListener)> {
    Ok((bind_near("BIND_ADDR", 4000)?, bind_near("METRICS_ADDR", 4001)?))
}

fn bind_near(key: &str, usual: u16) -> anyhow::Result<TcpListener> {
    if let Some(address) = env::var_parsed::<SocketAddr>(key)? {
        return TcpListener::bind(address).with_context(|| format!("{key}: cannot listen at {address}"));
    }
    let ports = (0..TRIES).map(|step| usual + 2 * step);
    for port in ports {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            bound => return bound.with_context(|| format!("cannot listen at 127.0.0.1:{port}; set {key}")),
        }
    }
    anyhow::bail!("no port from {usual} on is free; set {key}")
}
