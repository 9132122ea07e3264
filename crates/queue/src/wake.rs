/// Tells whoever sequences and dispatches that something was committed, so that it looks at once instead of at its next
/// poll. The ledger does not need it: it only makes the way from a commit to its job short.
pub trait Wake: Send + Sync {
    /// Something was committed: look now. Never blocks, never fails; call it after the commit.
    fn wake(&self);
}

/// Leaves the discovery to polling.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoWake;

impl Wake for NoWake {
    fn wake(&self) {}
}
