use std::sync::Arc;

use chrono::TimeDelta;
use domain::{
    act::Actor,
    clock::Clock,
    files::{File, NewFile},
    ledger::Owner,
    page::PageArgs,
    partners::{Entry, NewPartner, Partner},
    payout_batches::{
        Execution, NewBatch, NotBelieved, PayoutBatch, PayoutResults, PayoutSubmission, Rail, SaidByProvider,
        SubmissionStatus, SubmitPayouts,
    },
    payout_methods::{NewPayoutMethod, PayoutMethod},
    payouts::{Payout, PayoutFilter},
    rewards::{ManualReward, Reward},
    subscribers, verify,
};
use ids::PayoutResultsId;
use jobs::{Claimed, Outside, PayPalNews, Providers, SubmitHandler, handlers, run_due};
use mailer::{Mailer, MailerConfig, Outbox};
use money::Currency;
use payout_details::{PayoutDetailsInput, PaypalReceiverInput, PaypalWallet};
use payout_providers::{PayPal, fakes::FakePayPal, paypal::Transmission};
use vault::Vault;

use crate::emails::office::Office;

/// What each partner is paid: 12.34 USD.
pub const EACH: i64 = 1234;

/// An office that pays by PayPal.
pub struct Till {
    pub office: Office,
    pub paypal: FakePayPal,
    pub outbox: Outbox,
    pub vault: Option<Arc<Vault>>,
    pub providers: Providers,
}

pub fn by_email(number: usize) -> PayoutDetailsInput {
    let receiver = PaypalReceiverInput::Email(format!("payee-{number}@example.com"));
    PayoutDetailsInput::Paypal { wallet: PaypalWallet::Paypal, receiver }
}

impl Till {
    /// With as many partners to pay by PayPal.
    pub async fn open(partners: usize) -> Self {
        let (office, paypal) = (Office::open().await, FakePayPal::start().await.unwrap());
        let vault: Vault = format!("k1:{}=", "A".repeat(43)).parse().unwrap();
        let client = Arc::new(PayPal::new(paypal.config()).unwrap());
        let providers = Providers { paypal: Some(client), ..Providers::default() };
        let (outbox, vault) = (Outbox::default(), Some(Arc::new(vault)));
        let till = Self { office, paypal, outbox, vault, providers };
        for number in 0..partners {
            till.payee(number, by_email(number)).await;
        }
        till
    }

    /// A partner to whom something is due.
    pub async fn payee(&self, number: usize, details: PayoutDetailsInput) -> Partner {
        let (office, conn) = (&self.office, &mut *self.office.conn().await);
        let new = NewPartner {
            program_id: office.program.id,
            entry: Entry::Approved,
            email: format!("partner-{number}@example.com"),
            name: format!("Partner {number}"),
            key: None,
            country: None,
            tags: Vec::new(),
            group_id: None,
            upline_id: None,
            idempotency_key: None,
        };
        let partner = Partner::create(conn, &office.scope, &new, &office.act()).await.unwrap();
        let method = NewPayoutMethod { partner_id: partner.id, details };
        let vault = self.vault.as_ref().unwrap();
        PayoutMethod::create(conn, &office.scope, vault, &method, &office.act()).await.unwrap();
        let reward = ManualReward {
            owner: Owner::Partner(partner.id),
            amount: "12.34".parse().unwrap(),
            currency: Currency::USD,
            reason: "A gift.".to_owned(),
            occurred_at: None,
            idempotency_key: format!("gift-{number}"),
        };
        Reward::create_manual(conn, &office.scope, &reward, &office.act()).await.unwrap();
        partner
    }

    pub fn mailer(&self) -> Mailer {
        Mailer::from_config(MailerConfig::for_testing(&self.outbox)).unwrap()
    }

    /// Does everything that is due, as workers do.
    pub async fn work(&self) {
        let office = &self.office;
        let outside = Outside {
            vault: self.vault.clone(),
            providers: self.providers.clone(),
            ..Outside::of(office.renderer(&self.mailer()))
        };
        let registry = handlers(&office.db, &Clock::fixed(office.now), &office.ids, outside);
        loop {
            let events =
                subscribers::sequence(&mut *office.conn().await, office.now, &office.ids).await.unwrap();
            let ran = run_due(&registry, &office.db, &office.ids, office.now).await.unwrap();
            if events + ran == 0 {
                return;
            }
        }
    }

    pub async fn after(&mut self, time: TimeDelta) {
        self.office.pass(time);
        self.work().await;
    }

    /// A batch of all who are due, frozen.
    pub async fn batch(&self, rail: Rail) -> PayoutBatch {
        let new = NewBatch::over(rail, self.office.program.id);
        let conn = &mut *self.office.conn().await;
        let act = self.office.act();
        let key = act.ids.next::<ids::JobId>(act.now).to_string();
        let batch = PayoutBatch::create(conn, &self.office.scope, &new, &key, &act).await.unwrap();
        self.work().await;
        PayoutBatch::find(conn, &self.office.scope, batch.id).await.unwrap().unwrap()
    }

    /// Says that a batch is to be executed; nobody has done anything for it yet.
    pub async fn execute(&self, batch: &PayoutBatch) {
        let said = Execution {
            batch_id: batch.id,
            confirmed_total: batch.total_money(),
            idempotency_key: batch.id.to_string(),
        };
        let conn = &mut *self.office.conn().await;
        PayoutBatch::execute(conn, &self.office.scope, &said, &self.office.act()).await.unwrap();
    }

    /// Somebody brings a list of results.
    pub async fn brings(&self, batch: &PayoutBatch, vault: Option<&Vault>, list: &str) -> PayoutResultsId {
        let (office, conn) = (&self.office, &mut *self.office.conn().await);
        let act = office.act().by(Actor::User(office.ids.next(office.now)));
        let (name, content_type) = ("list.csv".to_owned(), "text/csv".to_owned());
        let new = NewFile { name, content_type, bytes: list.as_bytes().to_vec() };
        let file = File::create(conn, vault, (office.scope.account_id, &new), &act).await.unwrap();
        PayoutResults::bring(conn, &office.scope, (batch.id, file.id), &act).await.unwrap().id
    }

    /// A batch that is cut into its one submission, which waits for whoever sends it.
    pub async fn cut(&self) -> (PayoutBatch, PayoutSubmission) {
        let batch = self.batch(Rail::Paypal).await;
        self.execute(&batch).await;
        let job = domain::payout_batches::ExecuteBatch { account_id: batch.account_id, batch_id: batch.id };
        let conn = &mut *self.office.conn().await;
        PayoutBatch::execute_range(conn, &job, &self.office.act()).await.unwrap();
        let submission = self.submission(&batch).await;
        assert_eq!(submission.status, SubmissionStatus::Pending);
        (batch, submission)
    }

    pub async fn submission(&self, batch: &PayoutBatch) -> PayoutSubmission {
        let conn = &mut *self.office.conn().await;
        let found = PayoutSubmission::of_batches(conn, &self.office.scope, &[batch.id]).await.unwrap();
        let [submission] = found.try_into().unwrap();
        submission
    }

    pub async fn payouts(&self) -> Vec<Payout> {
        let conn = &mut *self.office.conn().await;
        let page = PageArgs::new(100, None);
        let all = Payout::list(conn, &self.office.scope, &PayoutFilter::default(), page).await.unwrap();
        let mut all = all.rows;
        all.sort_by_key(|payout| payout.id);
        all
    }

    /// The handler itself, and the job that it would be given.
    pub fn sender(&self, submission: &PayoutSubmission) -> (SubmitHandler, Claimed<SubmitPayouts>) {
        let office = &self.office;
        let handler = SubmitHandler {
            db: office.db.clone(),
            clock: Clock::fixed(office.now),
            ids: office.ids.clone(),
            vault: self.vault.clone(),
            providers: self.providers.clone(),
        };
        let (account_id, submission_id) = (submission.account_id, submission.id);
        let job = Claimed {
            id: office.ids.next(office.now),
            account_id: Some(account_id),
            attempt: 1,
            is_last_attempt: false,
            created_at: office.now,
            run_at: office.now,
            trace: None,
            request_id: None,
            args: SubmitPayouts { account_id, submission_id },
        };
        (handler, job)
    }

    /// What the provider's own journal shows: each payment as often as it was accepted.
    pub fn journal(&self) -> Vec<String> {
        let mut paid: Vec<String> = self.paypal.journal().into_iter().map(|line| line.payment).collect();
        paid.sort();
        paid
    }

    /// Each payout stands so; the provider accepted each once, or none if `accepted` says so.
    pub async fn assert_once(&self, status: &str) {
        let payouts = self.payouts().await;
        let mut names: Vec<String> = payouts.iter().map(|payout| payout.id.to_string()).collect();
        names.sort();
        assert_eq!(self.journal(), names, "each payout was accepted exactly once");
        for payout in payouts {
            assert_eq!(payout.status.to_string(), status, "{payout:?}");
        }
        self.assert_verified().await;
    }

    pub async fn assert_verified(&self) {
        let found = verify::verify(&mut *self.office.conn().await, self.office.now).await.unwrap();
        for finding in found {
            assert!(finding.violations.is_empty(), "{finding:?}");
        }
    }

    /// The balances of partners, summed: `AVAILABLE 0, PAID 2468`.
    pub async fn balances(&self) -> String {
        let sums = "SELECT concat('AVAILABLE ', sum(available), ', PAID ', sum(paid), ', RESERVED ', sum(reserved)) AS line \
                    FROM balances";
        self.office.lines(sums).await.remove(0)
    }

    /// The templates that were sent to this address, in the order of their names.
    pub fn told(&self, address: &str) -> Vec<&'static str> {
        let sent = self.outbox.messages().into_iter().map(|mail| mail.message);
        let mut told: Vec<_> =
            sent.filter(|mail| mail.to.address == address).map(|mail| mail.rendered.template).collect();
        told.sort_unstable();
        told
    }
}

/// What becomes of a webhook that arrives so.
pub async fn heard(till: &Till, transmission: &Transmission, body: &str) -> Result<(), NotBelieved> {
    let headers = [
        ("paypal-transmission-id", &transmission.id),
        ("paypal-transmission-time", &transmission.time),
        ("paypal-transmission-sig", &transmission.signature),
        ("paypal-cert-url", &transmission.certificate_url),
        ("paypal-auth-algo", &transmission.algorithm),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.clone())).into();
    let said = SaidByProvider { headers, body: body.to_owned(), request_id: "req_1".to_owned() };
    let (office, clock) = (&till.office, Clock::fixed(till.office.now));
    PayPalNews::of(&till.providers, &office.db, &clock, &office.ids).unwrap().hear(&said).await
}
