use domain::{clock::Clock, db::Db};
use ids::IdSource;

use crate::{
    Registry,
    emails::{EmailRenderer, SendEmails},
    maintenance::{RollJobHistory, RollJobHistoryHandler},
    operations::RetryDeadJobsHandler,
    rewards::{ComputeRewardsHandler, ReleaseDueHandler},
    stats::FoldStatsHandler,
    team::ExpireInvitesHandler,
};

/// Everything that workers do: the handler of each kind, and what is due again and again.
pub fn handlers(db: &Db, clock: &Clock, ids: &IdSource, renderer: EmailRenderer) -> Registry {
    Registry::default()
        .act(ComputeRewardsHandler { ids: ids.clone(), clock: clock.clone() })
        .act(ReleaseDueHandler { ids: ids.clone() })
        .act(ExpireInvitesHandler { ids: ids.clone() })
        .act(RetryDeadJobsHandler { ids: ids.clone() })
        .act(RollJobHistoryHandler)
        .act(FoldStatsHandler { ids: ids.clone() })
        .call(SendEmails::new(db.clone(), clock.clone(), ids.clone(), renderer))
        .schedule(ReleaseDueHandler::SCHEDULE)
        .schedule(ExpireInvitesHandler::SCHEDULE)
        .schedule(FoldStatsHandler::SCHEDULE)
        .schedule(RollJobHistory::SCHEDULE)
}
