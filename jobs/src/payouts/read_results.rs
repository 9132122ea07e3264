use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use domain::{
    files::{FileContent, ReadError, decoded},
    payout_batches::{PayoutResults, ReadResults, Reading, Verdict, WholeOrder},
};
use ids::IdSource;
use money::Currency;
use payout_providers::{
    PaymentReport, PaymentState,
    files::{read_pain002, read_results},
};
use vault::{OpenError, Vault};

use super::plain::{plain, plain_code};
use crate::handler::{Act, Claimed, Failure};

/// Reads what a person brought back from a bank or filled in, and settles what it says: a list of results, or a bank's report of
/// the status of an order (`pain.002`).
pub struct ReadResultsHandler {
    /// Where new ids come from.
    pub ids: IdSource,
    /// Opens what was given.
    pub vault: Option<Arc<Vault>>,
}

/// A key that is missing may come; one that is another does not become the first again.
const NOT_OPENED: &str = "No key of this instance opens the file any more. Give it once more, as a new file.";

impl Act for ReadResultsHandler {
    type Job = ReadResults;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<ReadResults>],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for job in jobs {
            let act = job.circumstances(now, &self.ids);
            let (account_id, id) = (job.args.account_id, job.args.results_id);
            let Some((results, batch)) = PayoutResults::waiting(conn, account_id, id).await? else {
                continue;
            };
            let file = (account_id, results.file_id);
            let content = match FileContent::read(conn, self.vault.as_deref(), file).await {
                Ok(content) => content,
                Err(ReadError::Database(error)) => return Err(error.into()),
                Err(ReadError::Sealed(error @ OpenError::UnknownKey { .. })) if !job.is_last_attempt => {
                    return Err(Failure::Retry(error.to_string()));
                }
                Err(ReadError::Sealed(error)) => {
                    tracing::error!(%error, results = %id, "a list of results cannot be opened");
                    results.refuse(conn, NOT_OPENED.to_owned(), &act).await?;
                    continue;
                }
            };
            let bytes = content.map(|content| content.bytes).unwrap_or_default();
            match reading(&bytes, batch.currency) {
                Ok(reading) => results.read(conn, reading, &act).await?,
                Err(why) => results.refuse(conn, plain(&why), &act).await?,
            }
        }
        Ok(())
    }
}

/// What a file says, or why it says nothing.
fn reading(bytes: &[u8], currency: Currency) -> Result<Reading, String> {
    let text = decoded(bytes);
    match text.trim_start().starts_with('<') {
        true => {
            let report = read_pain002(&text).map_err(|error| error.to_string())?;
            let mut problems: Vec<String> = report.bad.iter().map(|bad| plain(&bad.to_string())).collect();
            let whole = match (report.submission, report.whole.and_then(verdict)) {
                (Some(submission), Some(verdict)) => {
                    let except = report.named.iter().map(ToString::to_string).collect();
                    Some(WholeOrder { order: submission.to_string(), verdict, except })
                }
                (None, Some(_)) => {
                    problems.push("The report does not say which of our orders it is about.".to_owned());
                    None
                }
                (_, None) => None,
            };
            Ok(Reading { said: said(report.reports), whole, problems, ..Reading::default() })
        }
        false => {
            let results = read_results(text.as_bytes(), currency).map_err(|error| error.to_string())?;
            let problems = results.bad.iter().map(|bad| plain(&bad.to_string())).collect();
            let came_back = |report: &&PaymentReport| matches!(report.state, PaymentState::Returned { .. });
            let returned = results.reports.iter().filter(came_back);
            let returned = returned.map(|report| report.payment.to_string()).collect();
            let amounts = results.amounts.iter().map(|(payment, amount)| (payment.to_string(), *amount));
            let amounts = amounts.collect();
            let doubted = results.doubted.iter().map(ToString::to_string).collect();
            let pending = |report: &&PaymentReport| matches!(report.state, PaymentState::Pending { .. });
            let pending = results.reports.iter().filter(pending).map(|report| &report.payment);
            let open = results.blank.iter().chain(pending).map(ToString::to_string).collect();
            let said = said(results.reports);
            Ok(Reading { said, amounts, returned, doubted, open, problems, ..Reading::default() })
        }
    }
}

/// What has ended, by the names of payouts; what is pending says nothing.
fn said(reports: Vec<PaymentReport>) -> Vec<(String, Verdict)> {
    let said = |report: PaymentReport| Some((report.payment.to_string(), verdict(report.state)?));
    reports.into_iter().filter_map(said).collect()
}

/// What it comes to, if it has ended.
fn verdict(state: PaymentState) -> Option<Verdict> {
    match state {
        PaymentState::Pending { .. } => None,
        PaymentState::Paid { provider_reference, fee } => {
            Some(Verdict::Paid { reference: Some(provider_reference).filter(|text| !text.is_empty()), fee })
        }
        PaymentState::Failed { code, reason, .. } | PaymentState::Returned { code, reason, .. } => {
            Some(Verdict::Failed { code: plain_code(&code), reason: plain(&reason) })
        }
    }
}

#[cfg(test)]
mod tests {
    use money::Money;

    use super::*;

    #[test]
    fn a_list_of_results_is_read_line_by_line() {
        let file = b"reference,status,provider_reference,reason\npay_1,paid,B-7,\npay_2,failed,,closed\npay_3,,,\n!,paid,,\n";
        let reading = reading(file, Currency::USD).unwrap();
        let names: Vec<_> = reading.said.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["pay_1", "pay_2"]);
        assert!(matches!(&reading.said[0].1, Verdict::Paid { reference: Some(said), .. } if said == "B-7"));
        assert!(matches!(&reading.said[1].1, Verdict::Failed { .. }));
        assert_eq!(reading.problems.len(), 1, "{:?}", reading.problems);
    }

    #[test]
    fn amounts_are_told_and_another_currency_is_a_problem() {
        let file =
            b"reference;amount;currency;status\npay_1;10,50;usd;paid\npay_2;10.00;EUR;paid\npay_3;;;paid\n\
            pay_4;1.000,00;USD;paid\n";
        let reading = reading(file, Currency::USD).unwrap();
        let names: Vec<_> = reading.said.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["pay_1", "pay_3", "pay_4"]);
        let usd = |minor| Money::new(minor, Currency::USD);
        let amounts = [("pay_1".to_owned(), usd(1_050)), ("pay_4".to_owned(), usd(100_000))];
        assert_eq!(reading.amounts, amounts.into());
        assert_eq!(reading.problems.len(), 1, "{:?}", reading.problems);
    }

    #[test]
    fn a_word_on_the_whole_order_leaves_out_whom_the_bank_names() {
        let report = "<Document><CstmrPmtStsRpt>\
            <OrgnlGrpInfAndSts><OrgnlMsgId>psu-1</OrgnlMsgId><GrpSts>ACSC</GrpSts></OrgnlGrpInfAndSts>\
            <OrgnlPmtInfAndSts>\
            <TxInfAndSts><OrgnlEndToEndId>pay-1</OrgnlEndToEndId><TxSts>PDNG</TxSts></TxInfAndSts>\
            <TxInfAndSts><OrgnlEndToEndId>pay-2</OrgnlEndToEndId></TxInfAndSts>\
            </OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>";
        let reading = reading(report.as_bytes(), Currency::EUR).unwrap();
        let verdict = Verdict::Paid { reference: None, fee: None };
        let except = ["pay_1".to_owned(), "pay_2".to_owned()].into();
        assert_eq!(reading.whole, Some(WholeOrder { order: "psu_1".to_owned(), verdict, except }));
        assert!(reading.said.is_empty() && reading.problems.len() == 1, "{reading:?}");
    }

    #[test]
    fn what_is_no_list_is_refused_as_a_whole() {
        assert!(reading(b"a,b\n1,2\n", Currency::USD).is_err());
        assert!(reading(b"<html></html>", Currency::USD).is_err());
        assert!(reading(b"", Currency::USD).is_err());
    }
}
