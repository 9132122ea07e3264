use std::{fs, path::Path, process::ExitCode};

use anyhow::{Context, ensure};
use diesel_async::AsyncConnection;
use domain::{
    accounts::Account,
    act::Act,
    clock::Clock,
    db::{Db, DbConfig},
    rates::{ExchangeRate, Feed},
};
use ids::{AccountId, IdSource};

use crate::failure;

/// Stores the rates in a file for the account, or for all that are in use.
pub fn import(file: &Path, account: Option<AccountId>) -> anyhow::Result<ExitCode> {
    let config = failure::config(DbConfig::from_env())?;
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let feed = Feed::read(&text).with_context(|| format!("{} is no file of rates", file.display()))?;
    super::block_on(async {
        let db = Db::new(&config)?;
        let clock = Clock::start(&db).await.context("cannot reach the database")?;
        let act = Act::of_system(clock.now(), IdSource::from_system()?);
        let conn = &mut *db.get().await?;
        let accounts = Account::in_use(conn, account).await?;
        ensure!(!accounts.is_empty(), "there is no such account in use");
        for account in accounts {
            let done = conn.transaction(async |conn| ExchangeRate::import(conn, account, &feed, &act).await);
            let done = done.await?;
            println!("{account}: {} rates stored, {} were there", done.stored, done.unchanged);
        }
        Ok(ExitCode::SUCCESS)
    })
}
