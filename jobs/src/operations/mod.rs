//! Handlers of what operators ask for.

mod retry_dead_jobs;

pub use retry_dead_jobs::RetryDeadJobsHandler;
