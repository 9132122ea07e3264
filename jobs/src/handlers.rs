use domain::{clock::Clock, db::Db, rates::RateHosts};
use ids::IdSource;

use crate::{
    Registry,
    emails::{EmailRenderer, SendEmails},
    maintenance::{RollJobHistory, RollJobHistoryHandler},
    operations::{RetryDeadJobsHandler, ReviewRewardsHandler, SimulateTermsHandler},
    rates::ImportRatesHandler,
    rewards::{ComputeRewardsHandler, ReleaseDueHandler},
    stats::FoldStatsHandler,
    team::ExpireInvitesHandler,
};

/// Everything that workers do: the handler of each kind, and what is due again and again. Rates are imported from `hosts` alone.
pub fn handlers(
    db: &Db,
    clock: &Clock,
    ids: &IdSource,
    renderer: EmailRenderer,
    hosts: RateHosts,
) -> Registry {
    Registry::default()
        .act(ComputeRewardsHandler { ids: ids.clone(), clock: clock.clone() })
        .act(ReleaseDueHandler { ids: ids.clone() })
        .act(ExpireInvitesHandler { ids: ids.clone() })
        .act(RetryDeadJobsHandler { ids: ids.clone() })
        .act(ReviewRewardsHandler { ids: ids.clone() })
        .act(SimulateTermsHandler { db: db.clone(), ids: ids.clone() })
        .act(RollJobHistoryHandler)
        .act(FoldStatsHandler { ids: ids.clone() })
        .call(ImportRatesHandler { ids: ids.clone(), hosts })
        .call(SendEmails::new(db.clone(), clock.clone(), ids.clone(), renderer))
        .schedule(ReleaseDueHandler::SCHEDULE)
        .schedule(ExpireInvitesHandler::SCHEDULE)
        .schedule(FoldStatsHandler::SCHEDULE)
        .schedule(RollJobHistory::SCHEDULE)
}
