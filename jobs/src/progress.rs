use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use crate::handler::Failure;

/// The line between a handler that calls outside and the runner: each end is recorded while the other calls still go on,
/// so that a stop or a crash repeats as few of them as can be.
pub struct Progress<O> {
    stop: CancellationToken,
    ends: UnboundedSender<End<O>>,
}

/// How the call of the job at a place of its slice ended.
pub(crate) type End<O> = (usize, Result<O, Failure>);

impl<O> Progress<O> {
    /// A line that tells `ends` the places and the ends of calls; `stop` says that the process ends.
    pub fn new(stop: CancellationToken, ends: UnboundedSender<(usize, Result<O, Failure>)>) -> Self {
        Self { stop, ends }
    }

    /// The process ends: no new call may begin. What was not begun ends as [`Failure::NotBegun`].
    pub fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// The call of the job at this place of the slice has ended; the first end of a place counts.
    pub fn ended(&self, place: usize, end: Result<O, Failure>) {
        // Nobody listens any more when the slice was given up: its jobs run again.
        let _ = self.ends.send((place, end));
    }
}
