use domain::{clock::Clock, db::Db};
use ids::IdSource;

use crate::{
    Outside, Registry,
    emails::SendEmails,
    files::ResealFilesHandler,
    maintenance::{RollJobHistory, RollJobHistoryHandler},
    operations::{RetryDeadJobsHandler, ReviewRewardsHandler, SimulateTermsHandler},
    payouts::{self, DraftDueHandler, ResealMethodsHandler},
    rates::ImportRatesHandler,
    rewards::{ComputeRewardsHandler, ReleaseDueHandler},
    self_billing_invoices,
    statements::{self, RequestDueHandler},
    stats::FoldStatsHandler,
    team::ExpireInvitesHandler,
};

/// Everything that workers do: the handler of each kind, and what is due again and again.
pub fn handlers(db: &Db, clock: &Clock, ids: &IdSource, outside: Outside) -> Registry {
    let registry = payouts::handlers(Registry::default(), (db, clock, ids), &outside);
    let registry = statements::handlers(registry, ids, &outside);
    let registry = self_billing_invoices::handlers(registry, ids, &outside);
    let Outside { renderer, hosts, vault, .. } = outside;
    registry
        .act(ComputeRewardsHandler { ids: ids.clone(), clock: clock.clone() })
        .act(ReleaseDueHandler { ids: ids.clone() })
        .act(ExpireInvitesHandler { ids: ids.clone() })
        .act(RetryDeadJobsHandler { ids: ids.clone() })
        .act(ResealFilesHandler { ids: ids.clone(), vault })
        .act(ReviewRewardsHandler { ids: ids.clone() })
        .act(SimulateTermsHandler { db: db.clone(), ids: ids.clone() })
        .act(RollJobHistoryHandler)
        .act(FoldStatsHandler { ids: ids.clone() })
        .call(ImportRatesHandler { ids: ids.clone(), hosts })
        .call(SendEmails::new(db.clone(), clock.clone(), ids.clone(), renderer))
        .schedule(ReleaseDueHandler::SCHEDULE)
        .schedule(ExpireInvitesHandler::SCHEDULE)
        .schedule(FoldStatsHandler::SCHEDULE)
        .schedule(DraftDueHandler::SCHEDULE)
        .schedule(ResealMethodsHandler::SCHEDULE)
        .schedule(ResealFilesHandler::SCHEDULE)
        .schedule(RequestDueHandler::SCHEDULE)
        .schedule(RollJobHistory::SCHEDULE)
}
