//! A company to look at: Crema Coffee, its team, its programs and a year of their partners, customers and sales.
//!
//! Everything is done by the domain's own verbs, day by day from a year ago until now, as history: it counts like
//! anything else, and nobody is told of it. It is one transaction, so that the demo is there whole or not at all. What
//! happens follows from a seed and from `now` alone; only passwords and the secrets of keys are nobody's to repeat.

mod calendar;
mod catalog;
mod chance;
mod company;
mod log_ins;
mod names;
mod partners;
mod past;
mod payouts;
mod programs;
mod redemptions;
mod refunds;
mod reviews;
mod sales;
mod shoppers;
mod size;
mod subscribers;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncConnection;
use domain::{
    accounts::Account,
    act::Act,
    db::Db,
    users::{Passwords, Secrets, User},
};
use ids::{AccountId, IdSource};

pub use log_ins::{LogIn, LogIns};
pub use size::Size;

use chance::Chance;
use past::Past;

/// A demo to be loaded.
#[derive(Debug, Clone, Copy)]
pub struct Demo {
    /// The same seed at the same time makes the same company.
    pub seed: u64,
    /// How much of everything.
    pub size: Size,
    /// Whether it may stand beside the accounts that the database has.
    pub beside: bool,
}

/// What a demo leans on.
pub struct Stage<'a> {
    /// Where it goes.
    pub db: &'a Db,
    /// What passwords are hashed with.
    pub passwords: &'a Passwords,
    /// What the links of invites are derived from.
    pub secrets: &'a Secrets,
    /// Seals where partners are paid. Without it nobody is paid.
    pub vault: Option<&'a vault::Vault>,
    /// When its history ends.
    pub now: DateTime<Utc>,
}

/// Why no demo was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It is there.
    Loaded,
    /// Somebody uses the database.
    InUse,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Loaded => "the database holds the demo already",
            Self::InUse => {
                "the database holds accounts already; with --beside the demo is loaded beside them"
            }
        })
    }
}

impl std::error::Error for Refused {}

impl Demo {
    /// Whether the database may take it.
    ///
    /// # Errors
    /// The database's.
    pub async fn refused(&self, db: &Db) -> anyhow::Result<Option<Refused>> {
        let conn = &mut *db.get().await?;
        if User::find_by_email(conn, log_ins::OWNER).await?.is_some() {
            return Ok(Some(Refused::Loaded));
        }
        let in_use = !self.beside && Account::any(conn).await?;
        Ok(in_use.then_some(Refused::InUse))
    }

    /// Loads it for these log-ins, in one transaction.
    ///
    /// # Errors
    /// [`Refused`], or what a verb or the database says; nothing was stored then.
    pub async fn load(&self, stage: &Stage<'_>, log_ins: &LogIns) -> anyhow::Result<AccountId> {
        if let Some(refused) = self.refused(stage.db).await? {
            return Err(refused.into());
        }
        let start = stage.now - TimeDelta::days(self.size.days.into());
        let act = Act::of_system(start, IdSource::seeded(self.seed)).quietly();
        // Hashing takes long: it is done before the transaction.
        let hashed = log_ins.hashed(stage.passwords).await?;
        let mut conn = stage.db.get().await?;
        let account = conn.transaction(async |conn| {
            let mut past = Past {
                conn,
                act,
                start,
                now: stage.now,
                size: self.size,
                chance: Chance::seeded(self.seed),
                keyed: IdSource::from_system().context("the system has no entropy to give")?,
            };
            let mut company = company::found(&mut past, &hashed).await?;
            let programs = programs::open(&mut past, &company).await?;
            company::hire(&mut past, &mut company, &programs, &hashed, stage.secrets).await?;
            past.go_through(&company, programs, (stage.secrets, stage.vault)).await?;
            anyhow::Ok(company.scope.account_id)
        });
        account.await
    }
}
