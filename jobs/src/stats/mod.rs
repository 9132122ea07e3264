//! Handlers of the queue `stats`.

mod fold_stats;

pub use fold_stats::FoldStatsHandler;
