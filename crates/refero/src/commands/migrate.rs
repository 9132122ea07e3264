use std::process::ExitCode;

use domain::db::{self, DbConfig};

use crate::failure;

/// Runs the pending migrations and names them.
pub fn run() -> anyhow::Result<ExitCode> {
    let config = failure::config(DbConfig::from_env())?;
    let versions = super::block_on(async { db::migrate(&config.url).await })?;
    match versions.len() {
        0 => println!("The database is up to date."),
        count => println!("Ran {count} migrations, up to {}.", versions.last().map_or("", String::as_str)),
    }
    Ok(ExitCode::SUCCESS)
}
