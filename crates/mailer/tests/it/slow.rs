//! Servers that are slow, but do what they should: whatever they take must not be sent again.

use std::time::Duration;

use mailer::test_server::{Behaviour, SmtpServer, Step};
use tokio::task::JoinSet;

use crate::support::{limited, message, now};

const LIMIT: Duration = Duration::from_millis(500);

#[tokio::test]
async fn the_answer_to_a_message_that_was_handed_over_is_waited_for() {
    let server = SmtpServer::start().await.unwrap();
    let mailer = limited(&server.url(), LIMIT, Duration::from_secs(30));
    server.behave(Behaviour::Late(Step::Body, LIMIT * 2));
    mailer.send(&message(&mailer, "late"), now()).await.unwrap();
    assert_eq!(server.journal().len(), 1);
    mailer.send(&message(&mailer, "next"), now()).await.unwrap();
    assert_eq!(server.connections(), 1, "the connection is as good as before");
}

/// Four times as many as there are connections: the last ones wait for longer than the limit of a message.
#[tokio::test]
async fn the_wait_for_a_free_connection_does_not_count() {
    let server = SmtpServer::start().await.unwrap();
    let mailer = limited(&server.url(), LIMIT, LIMIT);
    server.behave(Behaviour::Late(Step::Sender, LIMIT / 2));
    let mut sends = JoinSet::new();
    for number in 0..32 {
        let mailer = mailer.clone();
        sends.spawn(async move { mailer.send(&message(&mailer, &number.to_string()), now()).await });
    }
    let ends = sends.join_all().await;
    assert!(ends.iter().all(Result::is_ok), "{ends:?}");
    assert_eq!((server.journal().len(), server.connections()), (32, 8));
}
