use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use domain::{
    act::Act as Circumstances,
    files::{CreateError, File, NewFile},
    payout_batches::{
        Answer, Next, PayoutBatch, PayoutSubmission, Rail, SubmissionStatus, WriteSubmissionFile, settle,
    },
};
use ids::IdSource;
use payout_providers::{
    Submission,
    files::{TransferOrder, generic_csv, pain001, paypal_csv, wise_csv},
};
use vault::Vault;

use super::{
    loaded::Loaded,
    payments::{NotKnown, Payments},
    plain::plain,
    providers::Providers,
};
use crate::handler::{Act, Claimed, Failure};

/// Makes the file of a submission, for a person to send. What the file cannot say fails before. If none can be made, the
/// submission is refused and says why. Of what is paid by hand, or as credit, it makes the list that says whom and where: that
/// is on its way already, so that a list which cannot be made is tried again.
pub struct WriteFileHandler {
    /// Where new ids come from.
    pub ids: IdSource,
    /// Opens payout details.
    pub vault: Option<Arc<Vault>>,
    /// Knows from where SEPA files pay.
    pub providers: Providers,
}

impl WriteFileHandler {
    async fn write(
        &self,
        conn: &mut AsyncPgConnection,
        loaded: &Loaded,
        act: &Circumstances,
    ) -> Result<(), Failure> {
        let Loaded { submission, batch } = loaded;
        let vault = self.vault.as_deref();
        let Payments { submission: to_pay, unpayable } =
            match Payments::load(conn, vault, (submission, batch)).await {
                Ok(payments) => payments,
                Err(NotKnown::Database(error)) => return Err(error.into()),
                Err(error) => return refuse(conn, loaded, &error.to_string(), act).await,
            };
        settle(conn, submission.account_id, &unpayable, act).await?;
        let Some(to_pay) = to_pay else { return Ok(()) };
        match self.file(batch, &to_pay, act.now) {
            Ok(new) => match File::create(conn, vault, (submission.account_id, &new), act).await {
                Ok(file) => Ok(submission.filed(conn, file.id, act).await?),
                Err(CreateError::Database(error)) => Err(error.into()),
                Err(error) => refuse(conn, loaded, &error.to_string(), act).await,
            },
            Err(why) => refuse(conn, loaded, &why, act).await,
        }
    }

    fn file(&self, batch: &PayoutBatch, to_pay: &Submission, now: DateTime<Utc>) -> Result<NewFile, String> {
        let rail = batch.rail;
        let (kind, text) = match rail {
            Rail::SepaFile if !self.providers.pay_for(batch.account_id) => {
                return Err("the bank account of this instance does not pay for this account".to_owned());
            }
            Rail::SepaFile => {
                let debtor = self.providers.debtor.as_ref();
                let debtor = debtor.ok_or("SEPA_DEBTOR_NAME and SEPA_DEBTOR_IBAN are not set")?;
                let (created_at, execute_on) = (now, now.date_naive());
                let order =
                    TransferOrder { submission: to_pay, debtor, created_at, execute_on, book_as_one: true };
                (("xml", "application/xml"), pain001(&order).map_err(|error| error.to_string())?)
            }
            Rail::PaypalFile => (CSV, paypal_csv(to_pay).map_err(|error| error.to_string())?),
            Rail::WiseFile => (CSV, wise_csv(to_pay).map_err(|error| error.to_string())?),
            _ => (CSV, generic_csv(to_pay)),
        };
        let (ending, content_type) = kind;
        let name = format!("{}-{}.{ending}", rail.to_string().to_lowercase(), to_pay.reference());
        Ok(NewFile { name, content_type: content_type.to_owned(), bytes: text.into_bytes() })
    }
}

const CSV: (&str, &str) = ("csv", "text/csv; charset=utf-8");

/// Nobody could be asked to pay: the submission waits for a person, who retries or cancels.
async fn refuse(
    conn: &mut AsyncPgConnection,
    Loaded { submission, batch }: &Loaded,
    why: &str,
    act: &Circumstances,
) -> Result<(), Failure> {
    if batch.rail.is_listed() {
        return Err(Failure::Retry(plain(why)));
    }
    let (account_id, id) = (submission.account_id, submission.id);
    if let Next::Send(attempt) = PayoutSubmission::next(conn, (account_id, id), None, act).await? {
        let answer = Answer::Refused { why: plain(why) };
        PayoutSubmission::answered(conn, (account_id, id), attempt, &answer, act).await?;
    }
    Ok(())
}

impl Act for WriteFileHandler {
    type Job = WriteSubmissionFile;

    async fn act(
        &self,
        conn: &mut AsyncPgConnection,
        jobs: &[Claimed<WriteSubmissionFile>],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        for job in jobs {
            let (account_id, id) = (job.args.account_id, job.args.submission_id);
            // Nobody cancels it while its file is made: what the file says is paid.
            let locked = PayoutSubmission::lock_with_batch(conn, account_id, id).await?;
            let Some((submission, batch)) = locked else { continue };
            let is_to_be_sent =
                matches!(submission.status, SubmissionStatus::Pending | SubmissionStatus::Refused);
            let is_to_be_listed = batch.rail.is_listed() && submission.file_id.is_none();
            if is_to_be_sent || is_to_be_listed {
                let loaded = Loaded { submission, batch };
                self.write(conn, &loaded, &job.circumstances(now, &self.ids)).await?;
            }
        }
        Ok(())
    }
}
