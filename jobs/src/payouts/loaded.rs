use domain::{
    db::Db,
    payout_batches::{PayoutBatch, PayoutSubmission},
    scope::AccountScope,
};
use ids::{AccountId, PayoutSubmissionId};

use crate::handler::Failure;

/// A submission with its batch.
pub(super) struct Loaded {
    pub submission: PayoutSubmission,
    pub batch: PayoutBatch,
}

/// The submission of that id, as it is now.
pub(super) async fn load(
    db: &Db,
    account_id: AccountId,
    id: PayoutSubmissionId,
) -> Result<Option<Loaded>, Failure> {
    let (conn, scope) = (&mut *db.get().await?, AccountScope::whole(account_id));
    let found = PayoutSubmission::find_all(conn, &scope, &[id]).await?.pop();
    let Some(submission) = found else { return Ok(None) };
    let batch = PayoutBatch::find(conn, &scope, submission.batch_id).await?;
    Ok(batch.map(|batch| Loaded { submission, batch }))
}
