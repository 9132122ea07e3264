use anyhow::ensure;
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncPgConnection;
use domain::{
    act::{Act, Actor},
    events,
    programs::Cursor,
    rewards::{RELEASE_BATCH, Reward, compute},
    users::Secrets,
};
use ids::IdSource;
use vault::Vault;

use super::{
    calendar,
    chance::Chance,
    company::{self, Company},
    partners, payouts,
    programs::{self, Open},
    redemptions, refunds, reviews, sales,
    size::Size,
    subscribers,
};

/// So many events at once may not have been all.
const FULL: usize = events::sequence::BATCH as usize;

/// The time that the demo goes through.
pub struct Past<'c> {
    /// In a transaction.
    pub conn: &'c mut AsyncPgConnection,
    /// Of the system, at the start, quiet.
    pub act: Act,
    pub start: DateTime<Utc>,
    pub now: DateTime<Utc>,
    pub size: Size,
    pub chance: Chance,
    /// For what nobody may guess, and for what the present is left to do.
    pub keyed: IdSource,
}

impl Past<'_> {
    /// An act of somebody at some time.
    pub fn at(&self, time: DateTime<Utc>, actor: Actor) -> Act {
        self.act.at(time.min(self.now)).by(actor)
    }

    /// When the day of that number is over.
    pub fn end_of(&self, day: u32) -> DateTime<Utc> {
        self.start + TimeDelta::days(i64::from(day) + 1)
    }

    /// The day that begins when so many thousandths of the history are over.
    pub fn day_at(&self, per_mille: u32) -> u32 {
        self.size.days * per_mille / 1000
    }

    /// Day by day: partners come and go, customers come and buy, rewards are computed, reviewed and released.
    pub async fn go_through(
        &mut self,
        company: &Company,
        mut programs: Vec<Open>,
        (secrets, vault): (&Secrets, Option<&Vault>),
    ) -> anyhow::Result<()> {
        let shares: Vec<(u64, u32)> =
            programs.iter().map(|open| (open.offer.share, self.day_at(open.offer.opens))).collect();
        let calendar = calendar::sales(self.start, self.size, &shares, &mut self.chance);
        let mut plan = partners::plan(self, &mut programs);
        for (day, counts) in (0..self.size.days).zip(&calendar) {
            programs::revise(self, company, &programs, day).await?;
            partners::act_until(self, company, &mut programs, &mut plan, self.end_of(day)).await?;
            for (open, count) in programs.iter_mut().zip(counts) {
                sales::of_day(self, company, open, *count, day).await?;
                refunds::of_day(self, company, open, day).await?;
                subscribers::of_day(self, company, open, day).await?;
            }
            self.settle(company, &programs, self.end_of(day)).await?;
            reviews::of_day(self, company, day).await?;
            redemptions::of_day(self, company, &programs, day).await?;
            if let Some(vault) = vault {
                payouts::of_day(self, (company, vault), &programs, day).await?;
            }
            if day + 3 == self.size.days {
                company::invite_more(self, company, &programs, secrets).await?;
            }
        }
        self.sequence().await
    }

    /// Gives what happened since a place in the feed, computes what follows, and releases what is due.
    async fn settle(
        &mut self,
        company: &Company,
        programs: &[Open],
        now: DateTime<Utc>,
    ) -> anyhow::Result<()> {
        self.sequence().await?;
        let act = self.at(now, Actor::System);
        for open in programs {
            loop {
                let cursor = Cursor::lock(self.conn, open.program.id).await?;
                let computed = compute(self.conn, &cursor, &act).await?;
                ensure!(computed.stopped.is_none(), "the demo cannot be computed: {:?}", computed.stopped);
                if !computed.more {
                    break;
                }
            }
        }
        loop {
            let released = Reward::release_due_of(self.conn, company.scope.account_id, &act).await?;
            if i64::try_from(released)? < RELEASE_BATCH {
                break;
            }
        }
        Ok(())
    }

    /// Events that had no place get one. Not looked at again when few were found: what a transaction has outdated, it
    /// steps over each time.
    async fn sequence(&mut self) -> anyhow::Result<()> {
        // What it enqueues is of the present, in which the workers find that nothing is left to do.
        while domain::subscribers::sequence(self.conn, self.now, &self.keyed).await? >= FULL {}
        Ok(())
    }
}
