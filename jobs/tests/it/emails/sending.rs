use std::time::Instant;

use chrono::TimeDelta;
use domain::{
    clock::Clock,
    emails::{EmailTemplate, Recipient, SendEmail},
    partners::{Entry, Partner},
};
use jobs::{Call, Claimed, SendEmails};
use mailer::test_server::{Behaviour, SmtpServer, Step};

use super::office::{Office, smtp};

const ID: &str = "<test=3a1@refero.example>";

/// An office where one email to a partner waits.
async fn with_email() -> (Office, SmtpServer, Partner) {
    let office = Office::open().await;
    let partner = office.partner(Entry::Pending).await;
    office.execute("UPDATE partners SET status = 'APPROVED'").await;
    let to = Recipient::Partner(partner.id);
    office.intend(EmailTemplate::PartnerApproved, to, partner.id, "test:1").await;
    (office, SmtpServer::start().await.unwrap(), partner)
}

fn message_ids(server: &SmtpServer) -> Vec<String> {
    server.journal().into_iter().map(|mail| mail.message_id).collect()
}

#[tokio::test]
async fn a_message_that_the_server_takes_is_sent_once() {
    let (office, server, _) = with_email().await;
    let mailer = smtp(&server);
    assert_eq!(office.run(&mailer).await, 1);
    assert_eq!(office.emails().await, ["partner_approved SENT 1"]);
    assert_eq!(office.jobs().await, ["done 1"]);
    assert_eq!(office.run(&mailer).await, 0);
    let journal = server.journal();
    assert_eq!((journal.len(), journal[0].message_id.as_str()), (1, ID));
    assert_eq!(journal[0].recipients, ["ada@example.com"]);
}

#[tokio::test]
async fn a_451_is_tried_again_after_a_pause() {
    let (mut office, server, _) = with_email().await;
    server.behave(Behaviour::Answer(Step::Recipient, 451));
    let mailer = smtp(&server);
    assert_eq!(office.run(&mailer).await, 1);
    assert!(
        office.emails().await[0].starts_with("partner_approved QUEUED 1 451"),
        "{:?}",
        office.emails().await
    );
    assert_eq!(office.jobs().await, ["scheduled 1"]);
    server.behave(Behaviour::Accept);
    assert_eq!(office.run(&mailer).await, 0, "not before its time");
    office.pass(TimeDelta::seconds(2));
    assert_eq!(office.run(&mailer).await, 1);
    assert!(office.emails().await[0].starts_with("partner_approved SENT 2"));
    assert_eq!(message_ids(&server), [ID]);
}

#[tokio::test]
async fn a_550_is_a_bounce_and_not_tried_again() {
    let (office, server, _) = with_email().await;
    server.behave(Behaviour::Answer(Step::Recipient, 550));
    office.run(&smtp(&server)).await;
    let emails = office.emails().await;
    assert!(emails[0].starts_with("partner_approved BOUNCED 1 550"), "{emails:?}");
    assert!(!emails[0].contains('@'), "no address: {emails:?}");
    assert_eq!(office.jobs().await, ["done 1"]);
    assert!(server.journal().is_empty());
}

#[tokio::test]
async fn a_server_that_closes_after_data_gets_the_same_message_again() {
    let (mut office, server, _) = with_email().await;
    server.behave(Behaviour::CloseAfterData);
    let mailer = smtp(&server);
    office.run(&mailer).await;
    assert_eq!(office.jobs().await, ["scheduled 1"]);
    server.behave(Behaviour::Accept);
    office.pass(TimeDelta::seconds(2));
    office.run(&mailer).await;
    assert!(office.emails().await[0].starts_with("partner_approved SENT 2"));
    assert_eq!(message_ids(&server), [ID, ID], "a double carries the same Message-ID");
}

#[tokio::test]
async fn a_crash_between_send_and_record_repeats_the_same_message() {
    let (office, server, _) = with_email().await;
    let (mailer, clock) = (smtp(&server), Clock::fixed(office.now));
    let handler = SendEmails::new(office.db.clone(), clock, office.renderer(&mailer));
    let id = office.lines("SELECT args ->> 'email_id' AS line FROM jobs WHERE kind = 'emails.send'").await;
    let claimed = Claimed {
        id: office.ids.next(office.now),
        account_id: None,
        attempt: 1,
        is_last_attempt: false,
        created_at: office.now,
        run_at: office.now,
        trace: None,
        args: SendEmail { email_id: id[0].parse().unwrap() },
    };
    let results = handler.call(&[claimed]).await;
    assert!(matches!(results.as_slice(), [Ok(Some(_))]));
    assert_eq!(office.emails().await, ["partner_approved QUEUED 0"], "the outcome was lost");
    office.run(&mailer).await;
    assert_eq!(office.emails().await, ["partner_approved SENT 1"]);
    assert_eq!(message_ids(&server), [ID, ID]);
}

#[tokio::test]
async fn a_server_that_hangs_delays_its_emails_and_nothing_else() {
    let (mut office, server, partner) = with_email().await;
    for number in 2..=20 {
        let to = Recipient::Partner(partner.id);
        office.intend(EmailTemplate::PartnerApproved, to, partner.id, &format!("test:{number}")).await;
    }
    server.behave(Behaviour::Hang(Step::Body));
    let (mailer, began) = (smtp(&server), Instant::now());
    assert_eq!(office.run(&mailer).await, 20);
    assert!(began.elapsed().as_secs_f32() < 6.0, "three rounds of eight, 0.7 s each: {:?}", began.elapsed());
    assert!(office.emails().await.iter().all(|email| email.contains("QUEUED 1")));
    server.behave(Behaviour::Accept);
    office.pass(TimeDelta::minutes(1));
    assert_eq!(office.run(&mailer).await, 20);
    assert!(office.emails().await.iter().all(|email| email.contains("SENT 2")));
    let mut ids = message_ids(&server);
    assert_eq!(ids.len(), 20, "what was not taken whole was not taken");
    ids.dedup();
    assert_eq!(ids.len(), 20);
}

#[tokio::test]
async fn the_last_attempt_fails_and_an_operator_may_retry_it() {
    let (office, server, _) = with_email().await;
    office.execute("UPDATE jobs SET max_attempts = 1").await;
    server.behave(Behaviour::Answer(Step::Sender, 421));
    let mailer = smtp(&server);
    office.run(&mailer).await;
    assert!(office.emails().await[0].starts_with("partner_approved FAILED 1"));
    assert_eq!(office.jobs().await, ["dead 1"]);
    server.behave(Behaviour::Accept);
    let dead = office.lines("SELECT id::text AS line FROM job_history WHERE state = 'dead'").await;
    let dead = ids::TypedId::from_uuid(dead[0].parse().unwrap());
    queue::retry_dead(&mut *office.conn().await, None, dead, office.now).await.unwrap().unwrap();
    office.run(&mailer).await;
    assert!(office.emails().await[0].starts_with("partner_approved SENT 2"));
}
