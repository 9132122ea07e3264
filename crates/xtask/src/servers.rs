//! The tasks' own servers: below `target/`, apart from the data of `refero up`.

use local_stack::{LocalStack, StackConfig};

use crate::workspace;

/// Names of the variables that the tests read.
pub const TEST_DATABASE_URL: &str = "TEST_DATABASE_URL";
/// As [`TEST_DATABASE_URL`], for Redis.
pub const TEST_REDIS_URL: &str = "TEST_REDIS_URL";

/// Starts the servers of `task`; those that `TEST_DATABASE_URL` and `TEST_REDIS_URL` name are used as they are.
/// Every start begins with an empty cluster.
///
/// # Errors
/// When they cannot be installed or started.
pub fn start(task: &str) -> anyhow::Result<LocalStack> {
    let folder = workspace::root()?.join("target/servers").join(task);
    LocalStack::start(&StackConfig {
        database_url: env::var(TEST_DATABASE_URL)?,
        redis_url: env::var(TEST_REDIS_URL)?,
        fresh: true,
        ..StackConfig::for_tests(folder)
    })
}
