use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use domain::{
    emails::{EmailTemplate, Recipient, SendEmail},
    partners::Entry,
};
use jobs::{Call, Claimed, Progress};
use mailer::{Mailer, MailerConfig, Outbox};
use tokio_util::sync::CancellationToken;

use super::office::Office;

/// The database whose statements are counted.
static WATCHED: Mutex<String> = Mutex::new(String::new());
static SEEN: AtomicUsize = AtomicUsize::new(0);

#[derive(Default)]
struct Counter(String);

impl Instrumentation for Counter {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => self.0 = url.to_owned(),
            InstrumentationEvent::StartQuery { .. } => {
                let watched = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
                if !watched.is_empty() && self.0 == *watched {
                    SEEN.fetch_add(1, Ordering::SeqCst);
                }
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_slice_is_loaded_in_a_handful_of_statements() {
    set_default_instrumentation(|| Some(Box::new(Counter::default()))).unwrap();
    let (office, outbox) = (Office::open().await, Outbox::default());
    let partner = office.partner(Entry::Approved).await;
    let owner = Recipient::User(office.owner.id);
    for number in 0..30 {
        let (template, to) = match number % 3 {
            0 => (EmailTemplate::PartnerApproved, Recipient::Partner(partner.id)),
            1 => (EmailTemplate::PartnerApplied, owner),
            _ => (EmailTemplate::SaleRecorded, owner),
        };
        office.intend(template, to, partner.id, &number.to_string()).await;
    }
    let mailer = Mailer::from_config(MailerConfig::for_testing(&outbox)).unwrap();
    let handler = office.handler(&mailer);
    let slice = claimed(&office).await;
    WATCHED.lock().unwrap().push_str(&office.database.url);
    let (sender, mut ends) = tokio::sync::mpsc::unbounded_channel();
    handler.call(&slice, &Progress::new(CancellationToken::new(), sender)).await;
    WATCHED.lock().unwrap().clear();
    let mut sent = 0;
    while let Some((_, end)) = ends.recv().await {
        sent += usize::from(end.is_ok());
    }
    assert_eq!(sent, 30);
    assert_eq!(outbox.messages().len(), 10, "the others tell of what is not so");
    let seen = SEEN.load(Ordering::SeqCst);
    assert!(seen <= 5, "{seen} statements: emails, users, owners, partners, sales");
}

/// The waiting jobs as a worker would claim them.
pub async fn claimed(office: &Office) -> Vec<Claimed<SendEmail>> {
    let emails =
        office.lines("SELECT args ->> 'email_id' AS line FROM jobs WHERE kind = 'emails.send'").await;
    let claim = |email: &String| Claimed {
        id: office.ids.next(office.now),
        account_id: None,
        attempt: 1,
        is_last_attempt: false,
        created_at: office.now,
        run_at: office.now,
        trace: None,
        request_id: None,
        args: SendEmail { email_id: email.parse().unwrap() },
    };
    emails.iter().map(claim).collect()
}
