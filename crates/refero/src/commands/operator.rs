use std::process::ExitCode;

use anyhow::{Context, bail};
use domain::{
    act::Act,
    clock::Clock,
    db::{Db, DbConfig},
    users::User,
};
use ids::IdSource;

use crate::failure;

/// Makes the user with this address an operator of the instance.
pub fn add(email: &str) -> anyhow::Result<ExitCode> {
    let config = failure::config(DbConfig::from_env())?;
    super::block_on(async {
        let db = Db::new(&config)?;
        let clock = Clock::start(&db).await.context("cannot reach the database")?;
        let act = Act::of_system(clock.now(), IdSource::from_system()?);
        match User::make_operator(&mut *db.get().await?, email, &act).await? {
            Some(user) => println!("{} operates this instance now.", user.email),
            None => bail!("no user has the address {email}: they register first"),
        }
        Ok(ExitCode::SUCCESS)
    })
}
