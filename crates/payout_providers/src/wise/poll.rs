use super::{Wise, status, transfer::transaction_id};
use crate::{PaymentReport, PollError, Progress, Submission, Submitted};

/// Reads every transfer of the group.
pub(super) async fn poll(
    wise: &Wise,
    submission: &Submission,
    submitted: &Submitted,
) -> Result<Progress, PollError> {
    let group = wise.group(&submitted.provider_id).await?;
    let transfers = wise.transfers(&group).await?;
    let reports = submission.payments().iter().filter_map(|payment| {
        let transfer = transfers.get(&transaction_id(&payment.reference).to_string())?;
        Some(PaymentReport { payment: payment.reference.clone(), state: status::state(&group, transfer) })
    });
    Ok(Progress { denied: None, reports: reports.collect() })
}
