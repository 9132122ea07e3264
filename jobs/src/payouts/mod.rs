//! Handlers of the queue `payouts`.
//!
//! `freeze_batch`, `execute_batch` and `cancel_batch` go through batches in ranges; `submit` has a provider pay a submission
//! once, `poll` asks what became of it, `abandon_submission` has what was refused cancelled there, `write_file` makes a file instead. `payments` and `recipient` tell providers whom to
//! pay, `providers` says which there are.

mod abandon_submission;
mod cancel_batch;
mod draft_due;
mod execute_batch;
mod freeze_batch;
mod loaded;
mod payments;
mod paypal_news;
mod plain;
mod poll;
mod providers;
mod read_results;
mod recipient;
mod reseal_methods;
mod said;
mod submit;
mod write_file;

use domain::{clock::Clock, db::Db};
use ids::IdSource;

pub use abandon_submission::AbandonSubmissionHandler;
pub use cancel_batch::CancelBatchHandler;
pub use draft_due::DraftDueHandler;
pub use execute_batch::ExecuteBatchHandler;
pub use freeze_batch::FreezeBatchHandler;
pub use paypal_news::PayPalNews;
pub use poll::PollHandler;
pub use providers::{PaysFor, Providers};
pub use read_results::ReadResultsHandler;
pub use reseal_methods::ResealMethodsHandler;
pub use submit::SubmitHandler;
pub use write_file::WriteFileHandler;

use crate::{Outside, Registry};

/// Adds what is done about payouts.
pub(crate) fn handlers(
    registry: Registry,
    (db, clock, ids): (&Db, &Clock, &IdSource),
    Outside { vault, providers, .. }: &Outside,
) -> Registry {
    let (vault, providers) = (vault.clone(), providers.clone());
    registry
        .act(FreezeBatchHandler { ids: ids.clone() })
        .act(ExecuteBatchHandler { ids: ids.clone() })
        .act(CancelBatchHandler { ids: ids.clone() })
        .act(DraftDueHandler { ids: ids.clone() })
        .act(ReadResultsHandler { ids: ids.clone(), vault: vault.clone() })
        .act(ResealMethodsHandler { ids: ids.clone(), vault: vault.clone() })
        .act(WriteFileHandler { ids: ids.clone(), vault: vault.clone(), providers: providers.clone() })
        .call(AbandonSubmissionHandler { db: db.clone(), ids: ids.clone(), providers: providers.clone() })
        .call(PollHandler {
            db: db.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            providers: providers.clone(),
        })
        .call(SubmitHandler { db: db.clone(), clock: clock.clone(), ids: ids.clone(), vault, providers })
}
