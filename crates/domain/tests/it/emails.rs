use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use diesel::connection::{Instrumentation, InstrumentationEvent};
use diesel_async::AsyncConnection;
use domain::{
    emails::{
        EmailFilter, EmailMessage, EmailStatus, EmailTemplate, NewEmail, Outcome, Recipient, SendEmail,
        intend, record,
    },
    page::PageArgs,
    scope::AccountScope,
};
use ids::{AccountId, EmailMessageId};
use queue::Job;

use crate::{partners::account, support::World};

/// Emails about as many rewards; the same `from` makes the same keys.
fn rewards(world: &World, account_id: Option<AccountId>, from: usize, count: usize) -> Vec<NewEmail> {
    let email = |number: usize| NewEmail {
        account_id,
        template: EmailTemplate::RewardCreated,
        recipient: Recipient::Partner(world.ids.next(world.now)),
        subject: format!("rwd_{number}"),
        dedupe_key: format!("reward_created:{number:06}"),
    };
    (from..from + count).map(email).collect()
}

async fn intended(world: &World, emails: &[NewEmail]) -> usize {
    intend(&mut *world.conn().await, &world.ids, world.now, emails).await.unwrap()
}

/// The account's emails, newest first.
async fn listed(world: &World, scope: &AccountScope, filter: &EmailFilter) -> Vec<EmailMessage> {
    let page = PageArgs::new(100, None);
    EmailMessage::list(&mut *world.conn().await, scope, filter, page).await.unwrap().rows
}

#[tokio::test]
async fn a_key_is_intended_once_for_ever() {
    let world = World::new().await;
    let account_id = Some(account(&world).await.account_id);
    let emails = rewards(&world, account_id, 0, 3);
    let doubled: Vec<_> = emails.iter().chain(&emails).cloned().collect();
    assert_eq!(intended(&world, &doubled).await, 3, "twice in one statement");
    assert_eq!(intended(&world, &rewards(&world, account_id, 2, 2)).await, 1, "one is new");
    assert_eq!(intended(&world, &emails).await, 0);
    assert_eq!(intended(&world, &[]).await, 0);
    assert_eq!(world.count("email_messages WHERE status = 'QUEUED' AND attempts = 0").await, 4);
    assert_eq!(SendEmail::KIND, "emails.send");
    let of_account =
        "kind = 'emails.send' AND queue = 'emails' AND state = 'ready' AND account_id IS NOT NULL";
    assert_eq!(world.count(&format!("jobs WHERE {of_account}")).await, 4);
    assert_eq!(world.count("jobs").await, 4);
}

#[derive(Clone, Default)]
struct Statements(Arc<AtomicUsize>);

impl Instrumentation for Statements {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[tokio::test]
async fn thousands_are_intended_in_a_handful_of_statements() {
    let world = World::new().await;
    let account_id = Some(account(&world).await.account_id);
    let emails = rewards(&world, account_id, 0, 4_500);
    let (conn, statements) = (&mut *world.conn().await, Statements::default());
    conn.set_instrumentation(statements.clone());
    assert_eq!(intend(conn, &world.ids, world.now, &emails).await.unwrap(), 4_500);
    assert_eq!(statements.0.load(Ordering::Relaxed), 3 + 5, "rows by 2,000, jobs by 1,000");
    assert_eq!(intend(conn, &world.ids, world.now, &emails).await.unwrap(), 0);
    assert_eq!(statements.0.load(Ordering::Relaxed), 8 + 3, "no job of what is known");
    assert_eq!(world.count("jobs").await, 4_500);
}

#[tokio::test]
async fn those_who_intend_the_same_in_opposite_orders_do_not_lock_each_other_out() {
    let world = Arc::new(World::new().await);
    let account_id = Some(account(&world).await.account_id);
    let mut emails = rewards(&world, account_id, 0, 400);
    let mut tasks = Vec::new();
    for _ in 0..6 {
        emails.reverse();
        let (world, emails) = (Arc::clone(&world), emails.clone());
        tasks.push(tokio::spawn(async move {
            let mut conn = world.conn().await;
            conn.transaction(async |conn| intend(conn, &world.ids, world.now, &emails).await).await
        }));
    }
    let mut new = 0;
    for task in tasks {
        new += task.await.unwrap().unwrap();
    }
    assert_eq!(new, 400);
    assert_eq!(world.count("jobs").await, 400);
}

#[tokio::test]
async fn outcomes_are_recorded_and_an_end_is_an_end() {
    let world = World::new().await;
    let scope = account(&world).await;
    intended(&world, &rewards(&world, Some(scope.account_id), 0, 5)).await;
    let ids: Vec<EmailMessageId> =
        listed(&world, &scope, &EmailFilter::default()).await.iter().map(|email| email.id).collect();
    let words = |text: &str| text.to_owned();
    let conn = &mut *world.conn().await;
    let postponed: Vec<_> = ids.iter().map(|id| (*id, Outcome::Postponed(words("451 later")))).collect();
    assert_eq!(record(conn, &postponed, &world.act()).await.unwrap(), 5);
    let ends = [
        Outcome::Sent,
        Outcome::Bounced(words("550 no such user")),
        Outcome::Dropped(words("the link has expired")),
        Outcome::Failed(words("the mail server is away")),
    ];
    let ends: Vec<_> = ids.iter().copied().zip(ends).collect();
    assert_eq!(record(conn, &ends, &world.act()).await.unwrap(), 4);

    let rows = listed(&world, &scope, &EmailFilter::default()).await;
    let said: Vec<_> = rows
        .iter()
        .map(|row| {
            let error = row.last_error.as_deref().unwrap_or("-");
            format!("{} {} {error} {}", row.status, row.attempts, row.sent_at == Some(world.now))
        })
        .collect();
    assert_eq!(
        said,
        [
            "SENT 2 451 later true",
            "BOUNCED 2 550 no such user false",
            "DROPPED 1 the link has expired false",
            "FAILED 2 the mail server is away false",
            "QUEUED 1 451 later false",
        ]
    );
    let again: Vec<_> = ids.iter().map(|id| (*id, Outcome::Sent)).collect();
    assert_eq!(record(conn, &again, &world.act()).await.unwrap(), 2, "the queued and the failed one");
}

#[tokio::test]
async fn lists_show_the_emails_of_the_account_and_nobody_elses() {
    let world = World::new().await;
    let (scope, other) = (account(&world).await, account(&world).await);
    intended(&world, &rewards(&world, Some(scope.account_id), 0, 4)).await;
    intended(&world, &rewards(&world, Some(other.account_id), 10, 2)).await;
    intended(&world, &rewards(&world, None, 20, 2)).await;
    let all = EmailFilter::default();
    let mine = listed(&world, &scope, &all).await;
    assert_eq!(mine.len(), 4);
    assert!(mine.is_sorted_by(|one, two| one.id > two.id), "newest first");
    assert_eq!(listed(&world, &other, &all).await.len(), 2);
    let conn = &mut *world.conn().await;
    assert!(EmailMessage::find(conn, &scope, mine[0].id).await.unwrap().is_some());
    assert!(EmailMessage::find(conn, &other, mine[0].id).await.unwrap().is_none());

    let limited = AccountScope::limited(scope.account_id, vec![world.ids.next(world.now)]);
    assert!(listed(&world, &limited, &all).await.is_empty(), "emails are no program's");
    assert!(EmailMessage::find(conn, &limited, mine[0].id).await.unwrap().is_none());

    record(conn, &[(mine[1].id, Outcome::Sent)], &world.act()).await.unwrap();
    let of = |status: &[EmailStatus]| EmailFilter { status: status.to_vec(), template: Vec::new() };
    let ids = |rows: Vec<EmailMessage>| rows.iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(listed(&world, &scope, &of(&[EmailStatus::Sent])).await), [mine[1].id]);
    let queued = of(&[EmailStatus::Queued, EmailStatus::Failed]);
    assert_eq!(ids(listed(&world, &scope, &queued).await), [mine[0].id, mine[2].id, mine[3].id]);
    let sales = EmailFilter { status: Vec::new(), template: vec![EmailTemplate::SaleRecorded] };
    assert_eq!(EmailMessage::count(conn, &scope, &sales, 10).await.unwrap(), 0);
    assert_eq!(EmailMessage::count(conn, &scope, &all, 3).await.unwrap(), 3, "capped");

    let second = PageArgs::new(2, Some(mine[1].id));
    let page = EmailMessage::list(conn, &scope, &all, second).await.unwrap();
    assert_eq!((ids(page.rows), page.has_next), (vec![mine[2].id, mine[3].id], false));
}
