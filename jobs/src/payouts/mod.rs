//! Handlers of the queue `payouts`.

mod cancel_batch;
mod draft_due;
mod execute_batch;
mod freeze_batch;
mod reseal_methods;

pub use cancel_batch::CancelBatchHandler;
pub use draft_due::DraftDueHandler;
pub use execute_batch::ExecuteBatchHandler;
pub use freeze_batch::FreezeBatchHandler;
pub use reseal_methods::ResealMethodsHandler;

use ids::IdSource;

use crate::{Outside, Registry};

/// Adds what is done about payouts.
pub(crate) fn handlers(registry: Registry, ids: &IdSource, outside: &Outside) -> Registry {
    registry
        .act(FreezeBatchHandler { ids: ids.clone() })
        .act(ExecuteBatchHandler { ids: ids.clone() })
        .act(CancelBatchHandler { ids: ids.clone() })
        .act(DraftDueHandler { ids: ids.clone() })
        .act(ResealMethodsHandler { ids: ids.clone(), vault: outside.vault.clone() })
}
