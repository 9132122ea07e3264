//! Where the tests' PostgreSQL and Redis are.

use anyhow::bail;

/// The tests' PostgreSQL: `TEST_DATABASE_URL`, or else `DATABASE_URL`. Its user must be allowed to create databases.
///
/// # Errors
/// When neither is set; the sentence says how to get one.
pub fn database_url() -> anyhow::Result<String> {
    either("TEST_DATABASE_URL", "DATABASE_URL")
}

/// The tests' Redis: `TEST_REDIS_URL`, or else `REDIS_URL`.
///
/// # Errors
/// When neither is set; the sentence says how to get one.
pub fn redis_url() -> anyhow::Result<String> {
    either("TEST_REDIS_URL", "REDIS_URL")
}

fn either(first: &str, second: &str) -> anyhow::Result<String> {
    match env::var(first)?.map_or_else(|| env::var(second), |url| Ok(Some(url)))? {
        Some(url) => Ok(url),
        None => {
            bail!("{first} is not set: run `cargo xtask test`, or `cargo xtask db` and paste what it prints")
        }
    }
}
