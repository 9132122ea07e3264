use std::collections::HashMap;

use super::{
    Wise,
    answers::{Group, Transfer},
    request::Failed,
    status::{CANCELLED, Funding, funding, is_funded},
    transfer::transaction_id,
};
use crate::{Draft, Payment, Refusal, Submission, SubmitError, Submitted};

pub(super) async fn prepare(wise: &Wise, submission: &Submission) -> Result<Draft, SubmitError> {
    if submission.payments().len() > Wise::MOST_PAYMENTS {
        let reason = format!("{} at once", Wise::MOST_PAYMENTS);
        return Err(SubmitError::Refused(Refusal::new("TOO_MANY_PAYMENTS", reason)));
    }
    let group = wise.create_group(submission.reference().as_str(), submission.currency()).await?;
    Ok(Draft(group.id))
}

/// Goes on where the last try ended: adds what is missing, closes the group, and funds it.
pub(super) async fn submit(
    wise: &Wise,
    submission: &Submission,
    draft: &Draft,
) -> Result<Submitted, SubmitError> {
    let group = wise.group(&draft.0).await?;
    let known = wise.transfers(&group).await?;
    match group.status.as_str() {
        "NEW" => {
            add_missing(wise, submission, &group, &known).await?;
            close(wise, submission, &group.id).await?;
        }
        "COMPLETED" if funding(&group, known.values()) == Funding::Done => {
            return Err(SubmitError::Duplicate);
        }
        "COMPLETED" => holds_exactly(submission, &group, &known)?,
        status => return Err(SubmitError::Refused(Refusal::new(status, "the group was cancelled at Wise"))),
    }
    match wise.fund(&group.id).await {
        Ok(()) => Ok(Submitted { provider_id: group.id }),
        Err(SubmitError::Refused(refusal)) => Err(not_funded(wise, &group.id, refusal).await?),
        Err(error) => Err(error),
    }
}

/// What a refusal to fund comes to. Wise refuses also what it has funded before: its transfers say whether it has.
async fn not_funded(wise: &Wise, id: &str, refusal: Refusal) -> Result<SubmitError, SubmitError> {
    let group = wise.group(id).await.map_err(not_read)?;
    let transfers = wise.transfers(&group).await.map_err(not_read)?;
    Ok(match funding(&group, transfers.values()) {
        Funding::Done => SubmitError::Duplicate,
        Funding::NotDone => SubmitError::Refused(refusal),
        Funding::Unclear => SubmitError::Unknown { why: "a transfer was cancelled meanwhile".to_owned() },
    })
}

/// Behind the step that pays, what cannot be read leaves the outcome unknown.
fn not_read(failed: Failed) -> SubmitError {
    SubmitError::Unknown { why: SubmitError::from(failed).to_string() }
}

async fn add_missing(
    wise: &Wise,
    submission: &Submission,
    group: &Group,
    known: &HashMap<String, Transfer>,
) -> Result<(), SubmitError> {
    for payment in submission.payments() {
        if !known.contains_key(&transaction_id(&payment.reference).to_string()) {
            add(wise, group, payment).await?;
        }
    }
    Ok(())
}

/// Only what comes before the transfer is blamed on the payment: a transfer that is refused may be there, and paid, from a time
/// that a restored database does not know.
async fn add(wise: &Wise, group: &Group, payment: &Payment) -> Result<(), SubmitError> {
    let account = wise.create_recipient(payment).await.map_err(|failed| blame(failed, payment))?;
    let quote = wise.create_quote(payment, account.id).await.map_err(|failed| blame(failed, payment))?;
    let transfer = wise.add_transfer(&group.id, payment, account.id, &quote).await?;
    if is_funded(&transfer.status) {
        let why = format!("payment {} was paid before, in another group: look at Wise", payment.reference);
        return Err(SubmitError::Unknown { why });
    }
    Ok(())
}

/// What Wise finds wrong in the data of one payment is said of that payment; what it says of the token, the profile or the
/// group is nobody's.
fn blame(failed: Failed, payment: &Payment) -> SubmitError {
    match failed {
        Failed::Refused { refusal, status: 400 | 422 } => {
            SubmitError::Refused(refusal.of_payment(&payment.reference))
        }
        failed => failed.into(),
    }
}

async fn close(wise: &Wise, submission: &Submission, id: &str) -> Result<(), SubmitError> {
    let group = wise.group(id).await?;
    holds_exactly(submission, &group, &wise.transfers(&group).await?)?;
    match wise.complete_group(id, group.version).await {
        Ok(_) => Ok(()),
        // It changed under our hands: the next try reads it anew.
        Err(Failed::Refused { status: 409, refusal }) => {
            Err(SubmitError::NotSent { why: refusal.to_string(), retry_after: None })
        }
        Err(failed) => Err(failed.into()),
    }
}

/// A group with another transfer than the submission's, or with one less, is never funded; nor is one of which a transfer was
/// cancelled, as Wise does after two weeks without money: when the others have it, nobody could tell that this one never had.
fn holds_exactly(
    submission: &Submission,
    group: &Group,
    transfers: &HashMap<String, Transfer>,
) -> Result<(), SubmitError> {
    if transfers.values().any(|transfer| transfer.status == CANCELLED) {
        let reason = "a transfer was cancelled at Wise: cancel the batch here, and pay it by a new one";
        return Err(SubmitError::Refused(Refusal::new("TRANSFER_CANCELLED", reason)));
    }
    let (held, meant) = (group.transfer_ids.len(), submission.payments().len());
    let is_held = |payment: &Payment| transfers.contains_key(&transaction_id(&payment.reference).to_string());
    match held == meant && submission.payments().iter().all(is_held) {
        true => Ok(()),
        false => {
            let reason =
                format!("the group at Wise holds {held} transfers, which are not the {meant} payments");
            Err(SubmitError::Refused(Refusal::new("GROUP_DIFFERS", reason)))
        }
    }
}

#[cfg(test)]
mod tests {
    use money::{Currency, Money};

    use super::*;
    use crate::{Fees, Recipient};

    #[test]
    fn a_payment_is_to_blame_for_its_own_data_alone() {
        let payment = Payment {
            reference: "pay_1".parse().unwrap(),
            amount: Money::new(100, Currency::USD),
            recipient: Recipient::ByHand { name: String::new(), details: String::new() },
            fees: Fees::Sender,
            note: String::new(),
        };
        for (status, is_blamed) in
            [(400, true), (422, true), (401, false), (403, false), (404, false), (409, false)]
        {
            let refusal = Refusal::new("NO", "no");
            match blame(Failed::Refused { status, refusal }, &payment) {
                SubmitError::Refused(refusal) => assert_eq!(refusal.payment.is_some(), is_blamed, "{status}"),
                other => panic!("{status}: {other:?}"),
            }
        }
    }
}
