use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use lettre::{
    address::Envelope,
    transport::smtp::{client::AsyncSmtpConnection, extension::ClientId},
};
use tokio::{net::TcpStream, task::JoinSet};

use super::sink::Sink;
use crate::figures::per_second;

/// How lettre's connections are made.
#[derive(Clone, Copy)]
pub enum Way {
    /// As lettre makes them.
    AsItComes,
    /// So that nothing written waits for an acknowledgement.
    NoDelay,
}

/// Sends so many copies of a message by lettre and nothing else, on `connections` connections that are kept; answers how many
/// per second.
pub async fn send(
    sink: &Sink,
    like: &[u8],
    count: usize,
    (connections, way): (usize, Way),
) -> anyhow::Result<f64> {
    let sender = "no-reply@refero.example".parse()?;
    let envelope = Envelope::new(Some(sender), vec!["colleague@example.com".parse()?])?;
    let (left, like) = (Arc::new(AtomicUsize::new(count)), Arc::new(like.to_vec()));
    let begun = Instant::now();
    let mut loops = JoinSet::new();
    for _ in 0..connections {
        let mut connection = connect(sink, way).await?;
        let (envelope, left, like) = (envelope.clone(), Arc::clone(&left), Arc::clone(&like));
        loops.spawn(async move {
            let next = || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            while next().is_ok() {
                connection.send(&envelope, &like).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = loops.join_next().await {
        done??;
    }
    Ok(per_second(count, begun.elapsed()))
}

async fn connect(sink: &Sink, way: Way) -> anyhow::Result<AsyncSmtpConnection> {
    let stream = TcpStream::connect(sink.address).await?;
    stream.set_nodelay(matches!(way, Way::NoDelay))?;
    Ok(AsyncSmtpConnection::connect_with_transport(Box::new(stream), &ClientId::default()).await?)
}
