#![doc = include_str!("../README.md")]

mod beats;
mod config;
mod dispatcher;
mod emails;
mod give_up;
mod handler;
mod handlers;
mod held_connection;
mod lane;
mod leases;
mod loops;
mod maintenance;
mod metrics;
mod operations;
mod progress;
mod put_back;
mod registry;
mod rewards;
mod run;
mod run_due;
mod running;
mod schedule;
mod sequencer;
mod signals;
mod stats;
mod sweeper;
mod team;
mod wake;
mod watchdog;
mod workers;

pub use config::WorkersConfig;
pub use emails::{EmailRenderer, SendEmails};
pub use handler::{Act, Call, Claimed, Failure};
pub use handlers::handlers;
#[cfg(feature = "measured")]
pub use lane::lane_alone;
pub use maintenance::{RollJobHistory, RollJobHistoryHandler};
pub use metrics::JobMetrics;
pub use progress::Progress;
pub use registry::Registry;
pub use rewards::{ComputeRewardsHandler, ReleaseDueHandler};
pub use run_due::run_due;
pub use sequencer::Sequence;
pub use stats::FoldStatsHandler;
pub use wake::{RedisWake, hear_of_events};
pub use workers::Workers;
