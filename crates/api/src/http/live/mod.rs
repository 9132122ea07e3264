//! Operations whose answers go on: subscriptions over WebSockets (`socket`) and over server-sent events (`stream`). They
//! pass the same gates as those by POST, and lose what their viewer loses while they are open.

mod begin;
mod config;
mod entered;
pub(crate) mod figures;
mod places;
pub(crate) mod socket;
pub(crate) mod stream;
mod weight;

pub use config::LiveConfig;
use places::Full;
pub(crate) use places::{Place, Places};
