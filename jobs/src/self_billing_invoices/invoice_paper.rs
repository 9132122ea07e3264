use documents::{Line, Period, SelfBilledInvoice as Paper};
use domain::{
    accounts::Account,
    self_billing_invoices::{InvoiceFacts, SelfBillingInvoice},
};
use money::Money;

use crate::statements::{counted, kind, parties};

/// What an invoice says. Taxes are not computed: nobody has said which are due.
pub(super) fn paper(invoice: &SelfBillingInvoice, facts: &InvoiceFacts) -> Paper {
    let InvoiceFacts { parties, payout, method, items } = facts;
    let calendar = parties.calendar();
    let issued_on = calendar.day(invoice.created_at);
    let paid_on = calendar.day(payout.ended_at.unwrap_or(invoice.created_at));
    let first = items.iter().map(|item| calendar.day(item.first_at)).min();
    let last = items.iter().map(|item| calendar.day(item.last_at)).max();
    let lines = items.iter().map(|item| Line {
        on: calendar.day(item.last_at),
        what: kind(item.reason).to_owned(),
        detail: Some(counted(item.items)),
        amount: Money::new(item.amount, payout.currency).into(),
    });
    Paper {
        id: invoice.id.to_string(),
        number: invoice.number(),
        issued_on,
        period: Period { from: first.unwrap_or(paid_on), to: last.unwrap_or(paid_on) },
        supplier: parties::payee(parties, payout.partner_id),
        customer: parties::payer(parties),
        legal_title: legal_title(&parties.account).map(str::to_owned),
        currency: payout.currency,
        lines: lines.collect(),
        taxes: Vec::new(),
        notes: vec![
            format!("Paid on {} to {method}: {}.", paid_on.format("%-d %B %Y"), payout.id),
            "No tax has been computed.".to_owned(),
        ],
    }
}

/// The word that the law of the payer's country asks for: in Germany by section 14 (4) no. 10 of the Umsatzsteuergesetz, in Austria
/// by section 11 (8) of its own.
fn legal_title(account: &Account) -> Option<&'static str> {
    matches!(account.country.as_deref(), Some("DE" | "AT")).then_some("Gutschrift")
}
