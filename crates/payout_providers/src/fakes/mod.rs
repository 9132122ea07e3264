//! PayPal and Wise as their public documentation describes them, on real sockets of this machine, for tests.
//!
//! Each keeps a journal of what it accepted, answers as it is told to (see [`Fault`] and the `script` of each), and
//! lives until it is dropped.

mod answer;
mod fault;
mod journal;
mod paypal;
mod server;
mod wise;

pub use fault::Fault;
pub use journal::Accepted;
pub use paypal::FakePayPal;
pub use wise::FakeWise;
