//! The payments of a submission, from payouts and sealed details.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    payout_batches::{PayoutBatch, PayoutSubmission, Rail, Settlement, Verdict},
    payout_methods::{PayoutMethod, UnsealError},
    payout_policies::FeePayer,
    payouts::{Payout, PayoutStatus},
    programs::Program,
    schema::{partner_profiles, partners},
    scope::AccountScope,
};
use ids::{PartnerId, PayoutMethodId};
use payout_details::PayoutDetails;
use payout_providers::{
    Fees, Payment, Recipient, Submission,
    files::{paypal_csv_can_name, sepa_can_carry, sepa_reaches, wise_csv_can_name},
    paypal,
};
use vault::{OpenError, Vault};

use super::recipient::recipient;

/// What a submission comes to on its rail.
pub(super) struct Payments {
    /// What is paid; none if nothing can be.
    pub submission: Option<Submission>,
    /// What cannot be paid over the rail, and why.
    pub unpayable: Vec<Settlement>,
}

/// Why the payments are not known. Nothing is wrong with the payouts.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotKnown {
    /// The instance has no keys.
    #[error("PAYOUT_KEYS is not set, so nobody knows where to pay")]
    NoVault,
    /// A key is missing.
    #[error("no key of PAYOUT_KEYS opens the details of a payee: {0} is missing")]
    NoKey(String),
    /// The key of that name is another one, or what is stored was changed.
    #[error("the details of a payee do not open by the key {0} of PAYOUT_KEYS")]
    NotOpened(String),
    /// What is stored makes no submission.
    #[error("the submission makes no payments: {0}")]
    Defect(String),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl Payments {
    /// Of the payouts that are on their way, in the order of ids. The same before each attempt: details of a payout never
    /// change, and none of it comes to an end while an attempt has no answer.
    pub(super) async fn load(
        conn: &mut AsyncPgConnection,
        vault: Option<&Vault>,
        (submission, batch): (&PayoutSubmission, &PayoutBatch),
    ) -> Result<Self, NotKnown> {
        let vault = vault.ok_or(NotKnown::NoVault)?;
        let scope = AccountScope::whole(submission.account_id);
        let mut payouts = submission.its_payouts(conn).await?;
        // Credit is given as soon as the shop hears of it: whom it is for is listed behind that.
        let is_listed =
            |payout: &Payout| batch.rail == Rail::StoreCredit && payout.status == PayoutStatus::Paid;
        payouts.retain(|payout| payout.status == PayoutStatus::Sending || is_listed(payout));
        let ids: Vec<PayoutMethodId> = payouts.iter().map(|payout| payout.method_id).collect();
        let methods = PayoutMethod::find_all(conn, &scope, &ids).await?;
        let opened = open(vault, &methods)?;
        let names = names(conn, &payouts).await?;
        let program = Program::find(conn, &scope, submission.program_id).await?;
        // Some rails carry ten characters: who pays comes first.
        let note = program.map_or_else(String::new, |program| format!("{} payout", program.name));
        let (mut payments, mut unpayable) = (Vec::with_capacity(payouts.len()), Vec::new());
        for payout in &payouts {
            let name = names.get(&payout.partner_id).map_or("", String::as_str);
            match payee(batch.rail, (payout, name), opened.get(&payout.method_id)) {
                Ok(recipient) => payments.push(payment(payout, recipient, &note)?),
                Err(_) if payout.status == PayoutStatus::Paid => {}
                Err(why) => unpayable.push(why.of(payout)),
            }
        }
        let made = (!payments.is_empty()).then(|| made(submission, batch, payments)).transpose()?;
        Ok(Self { submission: made, unpayable })
    }

    /// What was sent, without where to: enough to ask what became of it.
    pub(super) fn asked_about(
        submission: &PayoutSubmission,
        batch: &PayoutBatch,
        payouts: &[Payout],
    ) -> Result<Submission, NotKnown> {
        let nobody = || Recipient::ByHand { name: String::new(), details: String::new() };
        let payments =
            payouts.iter().map(|payout| payment(payout, nobody(), "")).collect::<Result<_, _>>()?;
        made(submission, batch, payments)
    }
}

/// Why a payout cannot be paid over its rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unpayable {
    Details,
    Recipient,
    Currency,
    Amount,
}

impl Unpayable {
    fn of(self, payout: &Payout) -> Settlement {
        let (code, reason) = match self {
            Self::Details => ("DETAILS_UNREADABLE", "Where the money goes cannot be read any more."),
            Self::Recipient => {
                ("RECIPIENT_NOT_SUPPORTED", "An account of this form cannot be paid this way.")
            }
            Self::Currency => ("CURRENCY_NOT_SUPPORTED", "The account takes another currency."),
            Self::Amount => ("AMOUNT_NOT_SUPPORTED", "This amount cannot be paid this way."),
        };
        let verdict = Verdict::Failed { code: code.to_owned(), reason: reason.to_owned() };
        Settlement { payout_id: payout.id, verdict }
    }
}

/// The details of these methods; without those of which alone something is wrong. Another key by the same name opens nothing that was
/// sealed by the first: that is no fault of the payees.
fn open(vault: &Vault, methods: &[PayoutMethod]) -> Result<HashMap<PayoutMethodId, PayoutDetails>, NotKnown> {
    let (mut opened, mut keys) = (HashMap::with_capacity(methods.len()), BTreeMap::<&str, bool>::new());
    for method in methods {
        let opens = keys.entry(&method.key_id).or_default();
        match method.unsealed(vault) {
            Ok(details) => {
                *opens = true;
                opened.insert(method.id, details);
            }
            Err(UnsealError::Vault(OpenError::UnknownKey { key_id })) => return Err(NotKnown::NoKey(key_id)),
            Err(UnsealError::Vault(OpenError::Refused | OpenError::CutShort)) => {}
            Err(UnsealError::Form) => *opens = true,
        }
    }
    match keys.into_iter().find(|(_, opens)| !opens) {
        Some((key_id, _)) => Err(NotKnown::NotOpened(key_id.to_owned())),
        None => Ok(opened),
    }
}

fn payee(
    rail: Rail,
    (payout, name): (&Payout, &str),
    details: Option<&PayoutDetails>,
) -> Result<Recipient, Unpayable> {
    let details = details.ok_or(Unpayable::Details)?;
    let takes_it = details.currency().is_none_or(|takes| takes == payout.currency);
    let carries = match rail {
        Rail::Paypal | Rail::PaypalFile => paypal::can_pay(payout.money()),
        Rail::SepaFile => sepa_can_carry(payout.money()),
        _ => true,
    };
    match (recipient(rail, name, details), carries) {
        (None, _) => Err(Unpayable::Recipient),
        (Some(_), _) if !takes_it && rail != Rail::File => Err(Unpayable::Currency),
        (Some(_), false) => Err(Unpayable::Amount),
        (Some(recipient), true) if !reaches(rail, &recipient) => Err(Unpayable::Recipient),
        (Some(recipient), true) => Ok(recipient),
    }
}

/// Whether the rail reaches whom it can name: one whom it does not would have the others refused too.
fn reaches(rail: Rail, recipient: &Recipient) -> bool {
    match rail {
        Rail::SepaFile => sepa_reaches(recipient),
        Rail::PaypalFile => paypal_csv_can_name(recipient),
        Rail::WiseFile => wise_csv_can_name(recipient),
        _ => true,
    }
}

fn payment(payout: &Payout, recipient: Recipient, note: &str) -> Result<Payment, NotKnown> {
    let reference = payout.id.to_string().parse();
    let reference = reference.map_err(|error| NotKnown::Defect(format!("{error}")))?;
    let fees = match payout.fee_payer {
        FeePayer::Owner => Fees::Sender,
        FeePayer::Partner => Fees::Recipient,
    };
    Ok(Payment { reference, amount: payout.money(), recipient, fees, note: note.to_owned() })
}

fn made(
    submission: &PayoutSubmission,
    batch: &PayoutBatch,
    payments: Vec<Payment>,
) -> Result<Submission, NotKnown> {
    let reference = submission.reference.parse().map_err(|error| NotKnown::Defect(format!("{error}")))?;
    Submission::new(reference, batch.currency, payments).map_err(|error| NotKnown::Defect(error.to_string()))
}

/// What owners call those who are paid.
async fn names(conn: &mut AsyncPgConnection, payouts: &[Payout]) -> QueryResult<HashMap<PartnerId, String>> {
    let profile = partner_profiles::account_id
        .eq(partners::account_id)
        .and(partner_profiles::id.eq(partners::profile_id));
    let rows: Vec<(PartnerId, String)> = partners::table
        .inner_join(partner_profiles::table.on(profile))
        .filter(partners::id.eq_any(payouts.iter().map(|payout| payout.partner_id)))
        .select((partners::id, partner_profiles::name))
        .load(conn)
        .await?;
    Ok(rows.into_iter().collect())
}
