use super::{BatchStatus, PayoutBatch};
use crate::text_enum;

text_enum! {
    /// What a person can do with a batch.
    PayoutBatchAction {
        /// Another person than the one who prepared it approves it.
        Approve = "APPROVE",
        /// Its payouts are sent.
        Execute = "EXECUTE",
        /// Nothing of it is paid.
        Cancel = "CANCEL",
        /// What failed of it is tried again, by another batch.
        Retry = "RETRY",
    }
}

impl PayoutBatchAction {
    /// Whether it starts from where this batch stands. Whose approval counts is asked when it is given.
    pub fn allowed_for(self, batch: &PayoutBatch) -> bool {
        use BatchStatus as S;
        match self {
            Self::Approve => batch.status == S::AwaitingApproval,
            Self::Execute => batch.status == S::Approved,
            Self::Cancel => matches!(batch.status, S::Draft | S::AwaitingApproval | S::Approved),
            Self::Retry => batch.status == S::PartlyFailed && batch.failed > 0,
        }
    }
}
