//! ISO 20022 `pain.002`: what a bank says of an order.

mod path;

use std::collections::{BTreeSet, HashMap};

use super::MOST_BAD;
use crate::{PaymentReport, PaymentState, Reference};
use path::{Leaf, each_leaf};

/// What a bank says of an order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatusReport {
    /// The submission that the order was made of, if it is ours.
    pub submission: Option<Reference>,
    /// The state of all payments that no report names: the bank's word on the whole order, if it says one.
    pub whole: Option<PaymentState>,
    /// The payments that it names, whatever it says of them: its word on the whole order is not about these.
    pub named: BTreeSet<Reference>,
    /// What it says of single payments.
    pub reports: Vec<PaymentReport>,
    /// Statuses that could not be used, the first thousand; nothing else is lost by them.
    pub bad: Vec<BadStatus>,
}

impl StatusReport {
    /// What the bank says of a payment of the order, if it says anything.
    pub fn state_of(&self, payment: &Reference) -> Option<&PaymentState> {
        let named = self.reports.iter().find(|report| report.payment == *payment).map(|report| &report.state);
        named.or_else(|| self.whole.as_ref().filter(|_| !self.named.contains(payment)))
    }
}

/// A status of a payment that is not ours, or without a word.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: the status of {end_to_end_id:?} cannot be used")]
pub struct BadStatus {
    /// The line in the file where it ends.
    pub line: u64,
    /// The payment's id as the bank repeats it.
    pub end_to_end_id: String,
}

/// A text that is no status report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAStatusReport {
    /// No XML, or not whole.
    #[error("line {line}: not well-formed")]
    NotWellFormed {
        /// Where it stops being XML.
        line: u64,
    },
    /// Another document.
    #[error("not a pain.002 document")]
    Other,
}

/// Reads a report of any version of `pain.002.001`; version 10 belongs to `pain.001.001.09`.
///
/// # Errors
/// [`NotAStatusReport`].
pub fn read_pain002(text: &str) -> Result<StatusReport, NotAStatusReport> {
    let mut report = StatusReport::default();
    let mut payment = HashMap::new();
    let mut whole = HashMap::new();
    let mut is_report = false;
    each_leaf(text, |Leaf { path, line, text }| {
        let Some(place) = path.strip_prefix("Document/CstmrPmtStsRpt") else { return };
        is_report = true;
        match place {
            "/OrgnlPmtInfAndSts/TxInfAndSts" => take(&mut report, &mut payment, line),
            "/OrgnlGrpInfAndSts/OrgnlMsgId" => report.submission = Reference::from_bank(text).ok(),
            // Of the message, or of its only part, which stands behind it.
            "/OrgnlGrpInfAndSts/GrpSts" | "/OrgnlPmtInfAndSts/PmtInfSts" => {
                whole.insert("TxSts".to_owned(), text.to_owned());
            }
            _ => note(place, text, &mut payment, &mut whole),
        }
    })?;
    report.whole = state(&whole);
    if report.whole.take_if(|state| is_double(state)).is_some() {
        let end_to_end_id = report.submission.as_ref().map_or_else(String::new, ToString::to_string);
        report.bad.push(BadStatus { line: 1, end_to_end_id });
    }
    if is_report { Ok(report) } else { Err(NotAStatusReport::Other) }
}

/// Keeps a text where it belongs. Of reasons that come many times the first counts.
fn note(place: &str, text: &str, payment: &mut HashMap<String, String>, whole: &mut HashMap<String, String>) {
    let of_payment = place.strip_prefix("/OrgnlPmtInfAndSts/TxInfAndSts/");
    let of_whole =
        ["/OrgnlPmtInfAndSts/", "/OrgnlGrpInfAndSts/"].iter().find_map(|start| place.strip_prefix(start));
    if let Some(place) = of_payment {
        payment.entry(place.to_owned()).or_insert_with(|| text.to_owned());
    } else if let Some(place) = of_whole {
        whole.entry(place.to_owned()).or_insert_with(|| text.to_owned());
    }
}

/// Ends the status of one payment.
fn take(report: &mut StatusReport, said: &mut HashMap<String, String>, line: u64) {
    let said = std::mem::take(said);
    let end_to_end_id = said.get("OrgnlEndToEndId").cloned().unwrap_or_default();
    let payment = Reference::from_bank(&end_to_end_id);
    report.named.extend(payment.clone().ok());
    match (payment, state(&said)) {
        (Ok(payment), Some(state)) if !is_double(&state) => {
            report.reports.push(PaymentReport { payment, state })
        }
        _ if report.bad.len() == MOST_BAD => {}
        _ => report.bad.push(BadStatus { line, end_to_end_id: crate::error::short(&end_to_end_id) }),
    }
}

/// A word of the external code list of payment transaction statuses. One that is not known decides nothing; `PART`
/// says that payments differ.
fn state(said: &HashMap<String, String>) -> Option<PaymentState> {
    let status = said.get("TxSts")?;
    let reason = said.get("StsRsnInf/Rsn/Cd").or_else(|| said.get("StsRsnInf/Rsn/Prtry"));
    let code = crate::error::short(reason.unwrap_or(status));
    let information =
        said.get("StsRsnInf/AddtlInf").map(|text| crate::error::short(text)).unwrap_or_default();
    Some(match status.as_str() {
        "PART" => return None,
        "ACCC" | "ACSC" => PaymentState::Paid {
            provider_reference: said
                .get("AcctSvcrRef")
                .map(|text| crate::error::short(text))
                .unwrap_or_default(),
            fee: None,
        },
        "RJCT" => PaymentState::Failed { on_payee_side: is_on_payee_side(&code), code, reason: information },
        "CANC" => PaymentState::Failed { on_payee_side: false, code, reason: information },
        _ => PaymentState::Pending { code: status.clone() },
    })
}

/// A file that was brought to the bank twice is refused the second time as a double: that says nothing of the first, which was
/// paid.
fn is_double(state: &PaymentState) -> bool {
    let codes = ["AM05", "DU01", "DU02", "DU03", "DU04", "DU05", "DUPL"];
    matches!(state, PaymentState::Failed { code, .. } if codes.contains(&code.as_str()))
}

/// Reasons that lie with the creditor's account, name or bank (ISO 20022 external status reasons; EPC guidance on
/// reason codes).
fn is_on_payee_side(code: &str) -> bool {
    let codes = [
        "AC01", "AC03", "AC04", "AC06", "AC07", "AG01", "BE01", "BE04", "BE23", "CNOR", "MD07", "MS02",
        "RC01", "RC04",
    ];
    codes.contains(&code)
}
