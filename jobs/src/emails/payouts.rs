//! Emails about payouts, batches of them, and where money goes.

use domain::{
    emails::{EmailMessage, EmailTemplate, Recipient},
    payout_batches::{BatchStatus, Rail},
    payouts::PayoutStatus,
};
use mailer::{
    Rendered,
    templates::{
        BatchWords, PayoutApproved, PayoutBatchCompleted, PayoutBatchFrozen, PayoutCancelled,
        PayoutChangesRequested, PayoutFailed, PayoutMethodArchived, PayoutMethodChanged, PayoutPaid,
        PayoutRejected, PayoutRequested, PayoutReturned, PayoutWords,
    },
};

use super::{
    EmailRenderer,
    facts::{BatchFacts, Facts, PayoutFacts},
    render::NotRendered,
    words::moment,
};

/// Why such an email is not sent any more; none if it is to be sent.
pub(super) fn nothing_to_tell(email: &EmailMessage, facts: &Facts) -> Option<&'static str> {
    match email.template {
        EmailTemplate::PayoutMethodChanged | EmailTemplate::PayoutMethodArchived => {
            facts.method(email).is_none().then_some("there is no such payout method")
        }
        EmailTemplate::PayoutBatchFrozen => match facts.batch(email).map(|facts| facts.batch.status) {
            None => Some("there is no such batch"),
            Some(BatchStatus::AwaitingApproval | BatchStatus::Approved) => None,
            Some(_) => Some("the batch was executed or cancelled already"),
        },
        EmailTemplate::PayoutBatchCompleted => {
            facts.batch(email).is_none().then_some("there is no such batch")
        }
        template => match facts.payout(email).map(|facts| facts.payout.status) {
            None => Some("there is no such payout"),
            Some(status) => outrun(template, status),
        },
    }
}

/// What an email about a payout says is not so any more.
fn outrun(template: EmailTemplate, status: PayoutStatus) -> Option<&'static str> {
    let unless = |holds: bool, why| (!holds).then_some(why);
    match template {
        EmailTemplate::PayoutRequested => {
            unless(status == PayoutStatus::Requested, "the request is decided already")
        }
        EmailTemplate::PayoutApproved => {
            let is_approved = matches!(
                status,
                PayoutStatus::Approved | PayoutStatus::Batched | PayoutStatus::Sending | PayoutStatus::Paid
            );
            unless(is_approved, "the payout is not approved any more")
        }
        EmailTemplate::PayoutRejected => {
            unless(status == PayoutStatus::Rejected, "the payout is not rejected any more")
        }
        EmailTemplate::PayoutCancelled => {
            unless(status == PayoutStatus::Cancelled, "the payout is not cancelled any more")
        }
        EmailTemplate::PayoutChangesRequested => {
            unless(status == PayoutStatus::NeedsChanges, "no change is waited for any more")
        }
        EmailTemplate::PayoutPaid => unless(status == PayoutStatus::Paid, "the payout came back"),
        _ => None,
    }
}

impl EmailRenderer {
    /// Subject and bodies of such an email.
    pub(super) fn of_payouts(&self, email: &EmailMessage, facts: &Facts) -> Result<Rendered, NotRendered> {
        match email.template {
            EmailTemplate::PayoutMethodChanged => {
                self.fill(&method_changed(email, facts).ok_or(NotRendered::Missing)?)
            }
            EmailTemplate::PayoutMethodArchived => {
                self.fill(&method_archived(email, facts).ok_or(NotRendered::Missing)?)
            }
            EmailTemplate::PayoutBatchFrozen | EmailTemplate::PayoutBatchCompleted => {
                self.of_batch(email, facts.batch(email).ok_or(NotRendered::Missing)?)
            }
            _ => self.of_payout(email, facts.payout(email).ok_or(NotRendered::Missing)?),
        }
    }

    fn of_batch(&self, email: &EmailMessage, facts: &BatchFacts) -> Result<Rendered, NotRendered> {
        let batch = BatchWords {
            program_name: facts.program_name.clone(),
            total: facts.batch.total_money().to_string(),
            payouts: facts.batch.payouts,
            rail: rail(facts.batch.rail).to_owned(),
        };
        match email.template {
            EmailTemplate::PayoutBatchFrozen => {
                let needs_approval = facts.batch.status == BatchStatus::AwaitingApproval;
                self.fill(&PayoutBatchFrozen { batch, needs_approval })
            }
            _ => {
                let unpaid = facts.batch.payouts - facts.batch.paid;
                self.fill(&PayoutBatchCompleted { batch, unpaid })
            }
        }
    }

    fn of_payout(&self, email: &EmailMessage, facts: &PayoutFacts) -> Result<Rendered, NotRendered> {
        let payout = PayoutWords {
            partner_name: facts.partner_name.clone(),
            program_name: facts.program_name.clone(),
            amount: facts.payout.money().to_string(),
            method: facts.method.clone(),
        };
        let reason = facts.payout.reason.clone();
        match email.template {
            EmailTemplate::PayoutRequested => self.fill(&PayoutRequested { payout }),
            EmailTemplate::PayoutApproved => self.fill(&PayoutApproved { payout }),
            EmailTemplate::PayoutCancelled => self.fill(&PayoutCancelled { payout }),
            EmailTemplate::PayoutRejected => self.fill(&PayoutRejected { payout, reason }),
            EmailTemplate::PayoutChangesRequested => self.fill(&PayoutChangesRequested { payout, reason }),
            EmailTemplate::PayoutPaid => {
                self.fill(&PayoutPaid { payout, reference: facts.payout.provider_reference.clone() })
            }
            EmailTemplate::PayoutFailed => self.fill(&PayoutFailed { payout, reason }),
            EmailTemplate::PayoutReturned => {
                let to_owner = matches!(email.recipient, Recipient::User(_));
                self.fill(&PayoutReturned { payout, reason, to_owner })
            }
            _ => Err(NotRendered::Missing),
        }
    }
}

fn method_changed(email: &EmailMessage, facts: &Facts) -> Option<PayoutMethodChanged> {
    let (partner, method) = (facts.recipient_partner(email)?, facts.method(email)?);
    Some(PayoutMethodChanged {
        partner_name: partner.name.clone(),
        program_name: partner.program.name.clone(),
        method: method.label.clone(),
        changed_at: moment(method.created_at),
    })
}

fn method_archived(email: &EmailMessage, facts: &Facts) -> Option<PayoutMethodArchived> {
    let (partner, method) = (facts.recipient_partner(email)?, facts.method(email)?);
    Some(PayoutMethodArchived {
        partner_name: partner.name.clone(),
        program_name: partner.program.name.clone(),
        method: method.label.clone(),
        changed_at: moment(method.archived_at.unwrap_or(method.updated_at)),
    })
}

/// A rail as a sentence names it.
fn rail(rail: Rail) -> &'static str {
    match rail {
        Rail::Paypal => "PayPal",
        Rail::Wise => "Wise",
        Rail::SepaFile => "a SEPA file for your bank",
        Rail::PaypalFile => "a file for PayPal",
        Rail::WiseFile => "a file for Wise",
        Rail::File => "a file",
        Rail::StoreCredit => "store credit",
        Rail::Manual => "your own hand",
    }
}
