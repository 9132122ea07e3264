use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor, address::Envelope, transport::smtp::PoolConfig,
};
use tokio::task::JoinSet;

use super::sink::Sink;
use crate::figures::per_second;

/// Sends so many copies of a message by lettre and nothing else, on `connections` connections that are kept; answers how many
/// per second.
pub async fn send(sink: &Sink, like: &[u8], count: usize, connections: usize) -> anyhow::Result<f64> {
    let pool = PoolConfig::new().max_size(u32::try_from(connections)?);
    let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(sink.address.ip().to_string())
        .port(sink.address.port())
        .pool_config(pool)
        .build();
    let sender = "no-reply@refero.example".parse()?;
    let envelope = Envelope::new(Some(sender), vec!["colleague@example.com".parse()?])?;
    let (left, like) = (Arc::new(AtomicUsize::new(count)), Arc::new(like.to_vec()));
    let begun = Instant::now();
    let mut loops = JoinSet::new();
    for _ in 0..connections {
        let (transport, envelope) = (transport.clone(), envelope.clone());
        let (left, like) = (Arc::clone(&left), Arc::clone(&like));
        loops.spawn(async move {
            let next = || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            while next().is_ok() {
                transport.send_raw(&envelope, &like).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = loops.join_next().await {
        done??;
    }
    Ok(per_second(count, begun.elapsed()))
}
