use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;

/// Why a socket is closed. The codes from 4400 on are those of `graphql-transport-ws`; 4290 is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Close {
    pub(super) code: u16,
    pub(super) reason: &'static str,
}

impl Close {
    /// This process ends; another one goes on.
    pub(super) const GOING_AWAY: Self = Self::new(1001, "Going away");
    pub(super) const TOO_LARGE: Self = Self::new(1009, "Message too large");
    /// Not now: too many are connected, or credentials cannot be looked up.
    pub(super) const TRY_AGAIN: Self = Self::new(1013, "Try again later");
    /// The client does not take what it asked for. It may come again and go on from its last cursor.
    pub(super) const TOO_SLOW: Self = Self::new(4290, "Too slow");
    pub(super) const UNAUTHORIZED: Self = Self::new(4401, "Unauthorized");
    pub(super) const FORBIDDEN: Self = Self::new(4403, "Forbidden");
    pub(super) const SUBPROTOCOL: Self = Self::new(4406, "Subprotocol not acceptable");
    pub(super) const INIT_TIMEOUT: Self = Self::new(4408, "Connection initialisation timeout");
    pub(super) const NO_PONG: Self = Self::new(4408, "No sign of life");
    pub(super) const DUPLICATE: Self = Self::new(4409, "An operation of this id is under way");
    pub(super) const SECOND_INIT: Self = Self::new(4429, "Too many initialisation requests");

    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason }
    }

    /// What the protocol does not know.
    pub(super) fn bad_message(reason: &'static str) -> Self {
        Self::new(4400, reason)
    }
}

/// Whether and why a socket is to be closed. The first reason counts. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Closing {
    why: Arc<OnceLock<Close>>,
    asked: CancellationToken,
}

impl Closing {
    pub(super) fn ask(&self, why: Close) {
        // The first one stands.
        let _ = self.why.set(why);
        self.asked.cancel();
    }

    /// Waits until it is asked for.
    pub(super) async fn asked(&self) -> Close {
        self.asked.cancelled().await;
        self.why.get().copied().unwrap_or(Close::GOING_AWAY)
    }
}
