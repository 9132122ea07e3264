use std::time::{Duration, Instant};

use chrono::TimeDelta;
use diesel_async::SimpleAsyncConnection;
use domain::{
    emails::{EmailTemplate, Recipient},
    partners::{Entry, Partner},
};
use jobs::{Call, Failure, Progress};
use mailer::test_server::{Behaviour, SmtpServer, Step};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{
    office::{Office, smtp},
    statements::claimed,
};

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
    let (mut office, server, _) = with_email().await;
    let mailer = smtp(&server);
    server.behave(Behaviour::Late(Step::Body, Duration::from_millis(200)));
    let crash = timeout(Duration::from_secs(3), async {
        // The server has said yes; the outcome finds its row held.
        let mut conn = office.conn().await;
        conn.batch_execute("BEGIN; SELECT FROM email_messages FOR UPDATE").await.unwrap();
        office.run(&mailer).await
    });
    assert!(crash.await.is_err(), "dropped in mid work");
    server.behave(Behaviour::Accept);
    assert_eq!(office.emails().await, ["partner_approved QUEUED 0"], "the outcome was lost");
    office.pass(TimeDelta::seconds(31));
    assert_eq!(queue::sweep(&mut *office.conn().await, office.now).await.unwrap().len(), 1);
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
    assert!(
        began.elapsed().as_secs_f32() < 10.0,
        "a slice of sixteen and one of four, four at once, 0.7 s each: {:?}",
        began.elapsed()
    );
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

/// Sixteen emails, a whole slice, wait for a server that takes its time: four rounds of four.
async fn sixteen_for_a_slow_server() -> (Office, SmtpServer, Partner) {
    let (office, server, partner) = with_email().await;
    for number in 2..=16 {
        let to = Recipient::Partner(partner.id);
        office.intend(EmailTemplate::PartnerApproved, to, partner.id, &format!("test:{number}")).await;
    }
    server.behave(Behaviour::Late(Step::Body, Duration::from_millis(400)));
    (office, server, partner)
}

/// Waits until somebody speaks to the server.
async fn begun(server: &SmtpServer) {
    while server.connections() == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn emails_that_wait_for_their_turn_are_not_begun_when_the_process_ends() {
    let (office, server, _) = sixteen_for_a_slow_server().await;
    let handler = office.handler(&smtp(&server));
    let (stop, slice) = (CancellationToken::new(), claimed(&office).await);
    let (sender, mut ends) = tokio::sync::mpsc::unbounded_channel();
    let progress = Progress::new(stop.clone(), sender);
    let stopping = async {
        begun(&server).await;
        stop.cancel();
    };
    tokio::join!(handler.call(&slice, &progress), stopping);
    drop(progress);
    let mut not_begun = 0;
    while let Some((_, end)) = ends.recv().await {
        not_begun += usize::from(matches!(end, Err(Failure::NotBegun)));
    }
    assert_eq!((server.journal().len(), not_begun), (4, 12), "what was begun ends, and nothing else begins");
}

#[tokio::test]
async fn what_changes_while_an_email_waits_for_its_turn_is_seen() {
    let (office, server, _) = sixteen_for_a_slow_server().await;
    let mailer = smtp(&server);
    let changing = async {
        begun(&server).await;
        office.execute("UPDATE partners SET status = 'SUSPENDED'").await;
    };
    tokio::join!(office.run(&mailer), changing);
    let emails = office.emails().await;
    let dropped = emails.iter().filter(|email| email.contains("DROPPED")).count();
    assert_eq!(server.journal().len() + dropped, 16);
    assert!(dropped >= 4, "the last four began more than a second later: {emails:?}");
}
