use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use domain::payout_methods::{PayoutMethod, ResealPayoutMethods};
use ids::IdSource;
use queue::{CatchUp, Job, NewJob, Schedule};
use vault::Vault;

use crate::handler::{Act, Claimed, Failure};

/// Seals payout methods by the present key where an older one did, and enqueues the next batch if there may be more. Without keys
/// there is nothing to do.
pub struct ResealMethodsHandler {
    /// Where new ids and nonces come from.
    pub ids: IdSource,
    /// The keys, if the instance has any.
    pub vault: Option<Arc<Vault>>,
}

impl ResealMethodsHandler {
    /// Every day: after a rotation the older key is needed for a day more.
    pub const SCHEDULE: Schedule = Schedule {
        name: ResealPayoutMethods::KIND,
        every_secs: 86_400,
        offset_secs: 10_800,
        catch_up: CatchUp::Latest,
        job: |_slot| NewJob::of(&ResealPayoutMethods::default()),
    };
}

impl Act for ResealMethodsHandler {
    type Job = ResealPayoutMethods;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<ResealPayoutMethods>],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let Some(vault) = &self.vault else { return Ok(()) };
        for job in jobs {
            let act = job.circumstances(now, &self.ids);
            let after = PayoutMethod::reseal(conn, vault, job.args.after, &act).await?;
            if after.is_some() {
                queue::enqueue(conn, now, &self.ids, &[NewJob::of(&ResealPayoutMethods { after })]).await?;
            }
        }
        Ok(())
    }
}
