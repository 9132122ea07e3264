//! What goes to a bank, and what comes from one.

use chrono::{NaiveDate, TimeZone, Utc};
use payout_providers::{
    Submission,
    files::{Debtor, NotPayable, TransferOrder, pain001},
};

pub fn order(submission: &Submission, debtor: &Debtor, book_as_one: bool) -> Result<String, NotPayable> {
    let created_at = Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap();
    let execute_on = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap();
    pain001(&TransferOrder { submission, debtor, created_at, execute_on, book_as_one })
}

pub fn debtor(bic: Option<&str>) -> Debtor {
    Debtor {
        name: "Refero & Söhne GmbH".to_owned(),
        iban: "DE02120300000000202051".parse().unwrap(),
        bic: bic.map(|bic| bic.parse().unwrap()),
    }
}

pub fn report(group: &str, payments: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<p:Document xmlns:p="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><p:CstmrPmtStsRpt>
<p:GrpHdr><p:MsgId>BANK-1</p:MsgId><p:CreDtTm>2026-01-05T10:00:00Z</p:CreDtTm></p:GrpHdr>
<p:OrgnlGrpInfAndSts><p:OrgnlMsgId>sub-1</p:OrgnlMsgId><p:OrgnlMsgNmId>pain.001.001.09</p:OrgnlMsgNmId>{group}</p:OrgnlGrpInfAndSts>
<p:OrgnlPmtInfAndSts><p:OrgnlPmtInfId>sub-1</p:OrgnlPmtInfId>{payments}</p:OrgnlPmtInfAndSts>
</p:CstmrPmtStsRpt></p:Document>"#
    )
}

pub fn payment(id: &str, status: &str, more: &str) -> String {
    format!(
        "<p:TxInfAndSts><p:StsId>x</p:StsId><p:OrgnlEndToEndId>{id}</p:OrgnlEndToEndId><p:TxSts>{status}</p:TxSts>{more}\
         </p:TxInfAndSts>\n"
    )
}
