use std::{sync::Arc, time::Duration};

use axum::extract::ws::{Message, WebSocket};
use futures_util::{SinkExt, stream::SplitSink};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::timeout,
};

use super::{
    close::{Close, Closing},
    protocol::ServerMessage,
};

/// What the smallest message counts, in bytes: its place in the queue is no smaller.
const LEAST: usize = 256;

/// The messages that wait for one socket: so many bytes and no more. Whoever has another one waits for room, at most as long as
/// the socket's patience lasts. Clones share it.
#[derive(Clone)]
pub(super) struct Outbox {
    queue: mpsc::UnboundedSender<Queued>,
    room: Arc<Semaphore>,
    size: usize,
    patience: Duration,
    closing: Closing,
}

type Queued = (Message, Option<OwnedSemaphorePermit>);

/// The other end of it.
pub(super) struct Waiting(mpsc::UnboundedReceiver<Queued>);

impl Outbox {
    pub(super) fn new(size: usize, patience: Duration, closing: Closing) -> (Self, Waiting) {
        let (queue, waiting) = mpsc::unbounded_channel();
        let size = size.clamp(LEAST, Semaphore::MAX_PERMITS);
        let outbox = Self { queue, room: Arc::new(Semaphore::new(size)), size, patience, closing };
        (outbox, Waiting(waiting))
    }

    /// Queues a message; a larger one than the whole box waits for it to be empty. Answers whether it was queued: if not,
    /// the socket is closing.
    pub(super) async fn send(&self, message: &ServerMessage<'_>) -> bool {
        let text = message.text();
        let bytes = u32::try_from(text.len().clamp(LEAST, self.size)).unwrap_or(u32::MAX);
        match timeout(self.patience, Arc::clone(&self.room).acquire_many_owned(bytes)).await {
            Ok(Ok(permit)) => self.queue.send((Message::text(text), Some(permit))).is_ok(),
            Ok(Err(_)) => false,
            Err(_) => {
                self.closing.ask(Close::TOO_SLOW);
                false
            }
        }
    }

    /// Asks for a sign of life.
    pub(super) fn ping(&self) {
        // A socket that is gone is noticed elsewhere.
        let _ = self.queue.send((Message::Ping(Vec::new().into()), None));
    }
}

impl Waiting {
    /// Writes what is queued until the socket fails.
    pub(super) async fn write(&mut self, sink: &mut SplitSink<WebSocket, Message>) {
        while let Some((message, room)) = self.0.recv().await {
            let mut next = Some((message, room));
            // What has come meanwhile is written at once.
            while let Some((message, room)) = next {
                if sink.feed(message).await.is_err() {
                    return;
                }
                drop(room);
                next = self.0.try_recv().ok();
            }
            if sink.flush().await.is_err() {
                return;
            }
        }
    }
}
