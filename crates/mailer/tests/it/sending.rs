use std::time::{Duration, Instant};

use mailer::{
    Mailbox, Message, SendError,
    templates::UserExists,
    test_server::{Behaviour, SmtpServer, Step},
};

use crate::support::{LIMIT, impatient, message, message_of, now, smtp, verify};

#[tokio::test]
async fn a_message_arrives_as_it_was_rendered() {
    let server = SmtpServer::start().await.unwrap();
    let mailer = smtp(&server.url());
    let mut message = message(&mailer, "user_verify:1");
    message.list_unsubscribe = Some("https://refero.example/stop?t=1".to_owned());
    message.rendered.text.push_str("\n.a dot begins this line: é\n.\n");
    let sent = mailer.send(&message, now()).await.unwrap();
    assert_eq!(sent.response, "250 2.0.0 queued");

    let journal = server.wait_for(1, LIMIT).await;
    let [mail] = journal.as_slice() else { panic!("{journal:?}") };
    assert_eq!(mail.sender, "no-reply@refero.example");
    assert_eq!(mail.recipients, ["ada@example.com"]);
    assert_eq!(mail.message_id, "<user_verify=3a1@refero.example>");
    assert_eq!(mail.subject, "Confirm your email address");
    assert_eq!((&mail.text, &mail.html), (&message.rendered.text, &message.rendered.html));
    let header = |name: &str| mail.header(name).unwrap_or_default();
    assert_eq!(header("From"), "Refero <no-reply@refero.example>");
    assert_eq!(header("To"), "\"Ada Lovelace\" <ada@example.com>");
    assert_eq!(header("Date"), "Sun, 22 Nov 2026 09:30:00 +0000");
    assert_eq!(header("Auto-Submitted"), "auto-generated");
    assert_eq!(header("List-Unsubscribe"), "<https://refero.example/stop?t=1>");
    assert!(mail.raw.is_ascii() && mail.raw.lines().all(|line| line.len() <= 78), "{}", mail.raw);
}

#[tokio::test]
async fn connections_are_reused_and_every_attempt_sends_the_same_bytes() {
    let server = SmtpServer::start().await.unwrap();
    let mailer = smtp(&server.url());
    for _ in 0..3 {
        mailer.send(&message(&mailer, "same"), now()).await.unwrap();
    }
    let journal = server.journal();
    assert_eq!((journal.len(), server.connections()), (3, 1));
    assert!(journal.iter().all(|mail| *mail == journal[0]), "{journal:?}");
}

#[tokio::test]
async fn answers_become_typed_errors() {
    let server = SmtpServer::start().await.unwrap();
    let text = "refused by the test".to_owned();
    for (step, code, is_permanent) in [
        (Step::Greeting, 421, false),
        (Step::Greeting, 554, false),
        (Step::Auth, 454, false),
        (Step::Auth, 535, false),
        (Step::Sender, 451, false),
        (Step::Sender, 530, false),
        (Step::Sender, 550, true),
        (Step::Recipient, 451, false),
        (Step::Recipient, 550, true),
        (Step::Body, 452, false),
        (Step::Body, 554, true),
    ] {
        let mailer = smtp(&server.url().replace("//", "//me:password@"));
        server.behave(Behaviour::Answer(step, code));
        let error = mailer.send(&message(&mailer, "key"), now()).await.unwrap_err();
        let (code, text) = (Some(code), text.clone());
        let expected = if is_permanent {
            SendError::Permanent { code, text }
        } else {
            SendError::Transient { code, text }
        };
        assert_eq!(error, expected, "{step:?}");
        server.behave(Behaviour::Accept);
        mailer.send(&message(&mailer, "key"), now()).await.unwrap();
    }
    assert_eq!(server.journal().len(), 11);
}

#[tokio::test]
async fn a_server_that_hangs_holds_nobody() {
    let server = SmtpServer::start().await.unwrap();
    for step in [Step::Greeting, Step::Sender, Step::Recipient, Step::Body] {
        let mailer = impatient(&server.url());
        server.behave(Behaviour::Hang(step));
        let began = Instant::now();
        let error = mailer.send(&message(&mailer, "key"), now()).await.unwrap_err();
        assert!(
            matches!(&error, SendError::Transient { code: None, text } if text.contains("0.7 s")),
            "{error:?}"
        );
        assert!(began.elapsed() < LIMIT * 2, "{step:?}: {:?}", began.elapsed());
    }
    assert_eq!(server.journal(), []);
}

/// The answers of an abandoned conversation must not be taken for those of the next one.
#[tokio::test]
async fn a_connection_with_a_late_answer_is_never_used_again() {
    let server = SmtpServer::start().await.unwrap();
    let mailer = impatient(&server.url());
    mailer.send(&message(&mailer, "first"), now()).await.unwrap();
    server.behave(Behaviour::Late(Step::Body, LIMIT + Duration::from_millis(100)));
    mailer.send(&message(&mailer, "late"), now()).await.unwrap_err();

    // The late yes arrives while nobody listens; the next message is refused, and must be seen as refused.
    server.wait_for(2, LIMIT * 2).await;
    server.behave(Behaviour::Answer(Step::Body, 550));
    let error = mailer.send(&message(&mailer, "next"), now()).await.unwrap_err();
    assert!(matches!(error, SendError::Permanent { code: Some(550), .. }), "{error:?}");
    assert_eq!(server.connections(), 2);

    // The same when the caller goes away in mid conversation.
    server.behave(Behaviour::Accept);
    mailer.send(&message(&mailer, "again"), now()).await.unwrap();
    server.behave(Behaviour::Late(Step::Body, LIMIT / 4));
    let abandoned = message(&mailer, "abandoned");
    assert!(tokio::time::timeout(LIMIT / 8, mailer.send(&abandoned, now())).await.is_err());
    server.wait_for(4, LIMIT).await;
    server.behave(Behaviour::Answer(Step::Body, 451));
    let error = mailer.send(&message(&mailer, "last"), now()).await.unwrap_err();
    assert!(matches!(error, SendError::Transient { code: Some(451), .. }), "{error:?}");
}

#[tokio::test]
async fn a_connection_closed_after_data_is_tried_again_under_the_same_id() {
    let server = SmtpServer::start().await.unwrap();
    let mailer = smtp(&server.url());
    let message = message(&mailer, "key");
    server.behave(Behaviour::CloseAfterData);
    let error = mailer.send(&message, now()).await.unwrap_err();
    assert!(matches!(error, SendError::Transient { code: None, .. }), "{error:?}");
    server.behave(Behaviour::Accept);
    mailer.send(&message, now()).await.unwrap();
    let ids: Vec<_> = server.journal().into_iter().map(|mail| mail.message_id).collect();
    assert_eq!(ids, ["<key@refero.example>", "<key@refero.example>"]);
}

#[tokio::test]
async fn idle_connections_of_a_restarted_server_are_replaced() {
    let server = SmtpServer::start().await.unwrap();
    let mailer = smtp(&server.url());
    let (one, two) = (message(&mailer, "1"), message(&mailer, "2"));
    let both = tokio::join!(mailer.send(&one, now()), mailer.send(&two, now()));
    assert_eq!((both.0.is_ok(), both.1.is_ok(), server.connections()), (true, true, 2));

    let address = server.address();
    server.stop().await;
    let error = mailer.send(&one, now()).await.unwrap_err();
    assert!(matches!(&error, SendError::Transient { code: None, .. }), "{error:?}");
    let server = SmtpServer::start_at(address).await.unwrap();
    mailer.send(&one, now()).await.unwrap();
    assert_eq!((server.journal().len(), server.connections()), (1, 1));
}

#[tokio::test]
async fn without_starttls_nothing_is_said() {
    let server = SmtpServer::start().await.unwrap();
    let url = format!("smtp://me:password@{}", server.address());
    let mailer = smtp(&url);
    let error = mailer.send(&message(&mailer, "key"), now()).await.unwrap_err();
    assert!(matches!(&error, SendError::Transient { text, .. } if text.contains("STARTTLS")), "{error:?}");
    let implicit = impatient(&url.replace("smtp://", "smtps://"));
    let error = implicit.send(&message(&implicit, "key"), now()).await.unwrap_err();
    assert!(matches!(error, SendError::Transient { code: None, .. }), "{error:?}");
    assert_eq!(server.journal(), []);
}

#[tokio::test]
async fn nobody_writes_headers_through_a_value() {
    let server = SmtpServer::start().await.unwrap();
    let mailer = smtp(&server.url());
    let good = message(&mailer, "key");
    let evil = "x\r\nBcc: all@example.com";
    let mut subject = good.clone();
    subject.rendered.subject = evil.to_owned();
    for bad in [
        subject,
        Message { to: Mailbox::bare("ada@example.com>\r\nRCPT TO:<all@example.com"), ..good.clone() },
        Message { to: Mailbox::bare("nobody"), ..good.clone() },
        Message { from: Some(Mailbox::bare(evil)), ..good.clone() },
        Message { message_id: format!("<{evil}@refero.example>"), ..good.clone() },
        Message { message_id: "no-brackets".to_owned(), ..good.clone() },
        Message { list_unsubscribe: Some(format!("https://a.example/{evil}")), ..good.clone() },
        Message { list_unsubscribe: Some("mailto:a@example.com".to_owned()), ..good.clone() },
    ] {
        let error = mailer.send(&bad, now()).await.unwrap_err();
        assert!(matches!(error, SendError::Permanent { code: None, .. }), "{error:?}");
    }
    assert_eq!(server.connections(), 0);

    // A local part that is not ASCII needs a server that says SMTPUTF8; there is no other form of it.
    let foreign = Message { to: Mailbox::bare("zoë@example.com"), ..good.clone() };
    let error = mailer.send(&foreign, now()).await.unwrap_err();
    assert!(matches!(&error, SendError::Permanent { text, .. } if text.contains("SMTPUTF8")), "{error:?}");

    let named = Message { to: Mailbox::new(format!("Zoë\" <a@b> {evil}"), "zoe@müller.example"), ..good };
    mailer.send(&named, now()).await.unwrap();
    let mail = server.journal().remove(0);
    assert_eq!(mail.recipients, ["zoe@xn--mller-kva.example"]);
    assert_eq!(mail.header("Bcc"), None);
}

#[tokio::test]
async fn subjects_in_any_language_arrive() {
    let server = SmtpServer::start().await.unwrap();
    let mailer = smtp(&server.url());
    let mut message = message_of(&mailer, &UserExists { log_in_url: verify().verify_url }, "key");
    message.rendered.subject =
        "Vous avez gagné 12,00 € avec un très long nom de programme, 日本語の件名です".to_owned();
    mailer.send(&message, now()).await.unwrap();
    assert_eq!(server.journal().remove(0).subject, message.rendered.subject);
}
