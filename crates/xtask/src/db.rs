//! `cargo xtask db`: the servers alone.

use crate::servers::{self, TEST_DATABASE_URL, TEST_REDIS_URL};

/// Starts the servers, prints the exports and stays. Ctrl-C ends this process, and the servers see that and stop.
///
/// # Errors
/// When the servers do not start.
pub fn run() -> anyhow::Result<()> {
    let stack = servers::start("db")?;
    println!("export {TEST_DATABASE_URL}={}", stack.database_url);
    println!("export {TEST_REDIS_URL}={}", stack.redis_url);
    eprintln!(
        "Paste these two lines into another terminal, then `cargo nextest run`. Ctrl-C stops the servers."
    );
    loop {
        std::thread::park();
    }
}
