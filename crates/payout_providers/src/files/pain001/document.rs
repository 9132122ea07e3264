use chrono::SecondsFormat;
use iban::{Iban, IbanLike};

use super::{
    super::bank_text::bank_text,
    TransferOrder,
    tree::{Element, element, text},
};
use crate::{Bic, Payment, Recipient};

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";

/// The longest name, and the longest note, in characters (EPC132-08).
const MOST_NAME_CHARS: usize = 70;
const MOST_NOTE_CHARS: usize = 140;

pub(super) fn document(order: &TransferOrder<'_>) -> Element {
    let initiation = element("CstmrCdtTrfInitn", [header(order), payments(order)]);
    element("Document", [initiation]).with("xmlns", NAMESPACE)
}

fn header(order: &TransferOrder<'_>) -> Element {
    let [count, sum] = control(order);
    element(
        "GrpHdr",
        [
            text("MsgId", order.submission.reference().at_banks()),
            text("CreDtTm", order.created_at.to_rfc3339_opts(SecondsFormat::Secs, true)),
            count,
            sum,
            element("InitgPty", [name(&order.debtor.name)]),
        ],
    )
}

fn payments(order: &TransferOrder<'_>) -> Element {
    let debtor = order.debtor;
    let [count, sum] = control(order);
    let level = element("SvcLvl", [text("Cd", "SEPA")]);
    let head = [
        text("PmtInfId", order.submission.reference().at_banks()),
        text("PmtMtd", "TRF"),
        text("BtchBookg", order.book_as_one.to_string()),
        count,
        sum,
        element("PmtTpInf", [level]),
        element("ReqdExctnDt", [text("Dt", order.execute_on.to_string())]),
        element("Dbtr", [name(&debtor.name)]),
        account("DbtrAcct", &debtor.iban),
        element("DbtrAgt", [bank(debtor.bic.as_ref())]),
        text("ChrgBr", "SLEV"),
    ];
    element("PmtInf", head.into_iter().chain(order.submission.payments().iter().filter_map(transfer)))
}

/// The number of payments and their sum, by which the bank checks that nothing was lost.
fn control(order: &TransferOrder<'_>) -> [Element; 2] {
    let submission = order.submission;
    [
        text("NbOfTxs", submission.payments().len().to_string()),
        text("CtrlSum", submission.total().to_decimal().to_string()),
    ]
}

fn transfer(payment: &Payment) -> Option<Element> {
    let Recipient::Bank { name: holder, iban, bic, .. } = &payment.recipient else { return None };
    let amount = payment.amount;
    let amount = text("InstdAmt", amount.to_decimal().to_string()).with("Ccy", amount.currency().as_str());
    let mut parts =
        vec![element("PmtId", [text("EndToEndId", payment.reference.at_banks())]), element("Amt", [amount])];
    parts.extend(bic.as_ref().map(|bic| element("CdtrAgt", [bank(Some(bic))])));
    parts.push(element("Cdtr", [name(holder)]));
    parts.push(account("CdtrAcct", iban));
    if !payment.note.trim().is_empty() {
        parts.push(element("RmtInf", [text("Ustrd", bank_text(&payment.note, MOST_NOTE_CHARS))]));
    }
    Some(element("CdtTrfTxInf", parts))
}

fn name(of: &str) -> Element {
    text("Nm", bank_text(of, MOST_NAME_CHARS))
}

fn account(role: &'static str, iban: &Iban) -> Element {
    element(role, [element("Id", [text("IBAN", iban.electronic_str())])])
}

/// Banks within the European Economic Area are found by the IBAN alone.
fn bank(bic: Option<&Bic>) -> Element {
    let id = match bic {
        Some(bic) => text("BICFI", bic.as_str()),
        None => element("Othr", [text("Id", "NOTPROVIDED")]),
    };
    element("FinInstnId", [id])
}
