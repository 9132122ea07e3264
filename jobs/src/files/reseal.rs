use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use domain::files::{File, ResealFiles};
use ids::IdSource;
use queue::{CatchUp, Job, NewJob, Schedule};
use vault::Vault;

use crate::handler::{Act, Claimed, Failure};

/// Seals files by the present key where an older one did, and enqueues the next batch if there may be more. Without keys there is
/// nothing to do.
pub struct ResealFilesHandler {
    /// Where new ids and nonces come from.
    pub ids: IdSource,
    /// The keys, if the instance has any.
    pub vault: Option<Arc<Vault>>,
}

impl ResealFilesHandler {
    /// Every day, after the payout methods.
    pub const SCHEDULE: Schedule = Schedule {
        name: ResealFiles::KIND,
        every_secs: 86_400,
        offset_secs: 11_400,
        catch_up: CatchUp::Latest,
        job: |_slot| NewJob::of(&ResealFiles::default()),
    };
}

impl Act for ResealFilesHandler {
    type Job = ResealFiles;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<ResealFiles>],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let Some(vault) = &self.vault else { return Ok(()) };
        for job in jobs {
            let act = job.circumstances(now, &self.ids);
            let after = File::reseal(conn, vault, job.args.after, &act).await?;
            if after.is_some() {
                queue::enqueue(conn, now, &self.ids, &[NewJob::of(&ResealFiles { after })]).await?;
            }
        }
        Ok(())
    }
}
