use chrono::{DateTime, Utc};
use documents::{Line, Period, Statement as Paper};
use domain::{
    ledger::TransferReason as Reason,
    statements::{CourseLine, Statement, StatementFacts},
};
use money::{Currency, Money};

use super::parties;

/// What a statement says.
pub(super) fn paper(statement: &Statement, facts: &StatementFacts, now: DateTime<Utc>) -> Paper {
    let (program, currency) = (&facts.program, statement.currency);
    Paper {
        id: statement.id.to_string(),
        number: statement.number.clone(),
        issued_on: program.calendar().day(now),
        period: Period { from: statement.month.first_day(), to: statement.month.last_day() },
        issuer: parties::payer(&facts.parties),
        payee: parties::payee(&facts.parties, statement.partner_id),
        opening: Money::new(facts.course.opening, currency).into(),
        lines: facts.course.lines.iter().map(|said| line(said, facts, currency)).collect(),
        notes: vec![
            format!("Program: {}. Days are those of {}.", program.name, program.time_zone),
            "Amounts above zero became owed to you; amounts below zero were paid to you, or taken back."
                .to_owned(),
        ],
    }
}

fn line(said: &CourseLine, facts: &StatementFacts, currency: Currency) -> Line {
    let (what, detail) = match said.payout_id {
        Some(id) => {
            let method = facts.methods.get(&id).map(|method| format!(", {method}"));
            let what = if said.reason == Reason::Returned { "Payout that came back" } else { "Payout" };
            (what, format!("{id}{}", method.unwrap_or_default()))
        }
        None => (kind(said.reason), counted(said.moves)),
    };
    let amount = Money::new(said.amount, currency).into();
    Line { on: said.on, what: what.to_owned(), detail: Some(detail), amount }
}

/// What moves of a reason are called on paper.
pub(crate) fn kind(reason: Reason) -> &'static str {
    match reason {
        Reason::Released => "Rewards",
        Reason::Reversed => "Rewards taken back",
        Reason::Restored => "Rewards given back",
        Reason::Corrected => "Corrections",
        Reason::Redeemed => "Redeemed",
        Reason::Paid => "Payout",
        Reason::Returned => "Payout that came back",
        // These move nothing that is owed.
        Reason::Earned
        | Reason::ReversedHeld
        | Reason::RestoredHeld
        | Reason::Rejected
        | Reason::Reserved
        | Reason::Unreserved => "Other",
    }
}

/// How many there were.
pub(crate) fn counted(many: i64) -> String {
    if many == 1 { "1 entry".to_owned() } else { format!("{many} entries") }
}
