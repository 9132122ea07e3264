use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use domain::{
    db::Db,
    simulations::{SimulateTerms, Simulated, Simulation, SimulationFailure},
};
use ids::IdSource;

use crate::handler::{Act, Claimed, Failure};

/// Runs terms over recorded history. Without an answer the job dies, once: the failure is written down with that, and trying
/// again would not help.
pub struct SimulateTermsHandler {
    /// Where it tells how far it is, while its own transaction goes on.
    pub db: Db,
    /// Where new ids come from.
    pub ids: IdSource,
}

impl Act for SimulateTermsHandler {
    type Job = SimulateTerms;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<SimulateTerms>],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for job in jobs {
            let act = job.circumstances(now, &self.ids);
            let beside = &mut *self.db.get().await?;
            match Simulation::run(conn, beside, job.args.operation_id, &act).await? {
                Simulated::Done { events } => tracing::info!(events, "terms were simulated"),
                Simulated::Nothing => {}
                Simulated::Failed(failure) => return Err(Failure::Stop(said(failure).to_owned())),
            }
        }
        Ok(())
    }
}

fn said(failure: SimulationFailure) -> &'static str {
    match failure {
        SimulationFailure::TooManyRows => "the answer has too many rows",
        SimulationFailure::Uncomputable => "the recorded history cannot be computed",
    }
}
