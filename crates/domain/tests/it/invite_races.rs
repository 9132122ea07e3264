use std::{sync::Arc, time::Duration};

use diesel_async::{AsyncConnection, SimpleAsyncConnection};
use domain::team::{
    Role,
    invites::{AcceptError, Delivered, Invite, InviteDelivery, note_deliveries},
};

use crate::invites::{Team, outcomes};

#[tokio::test]
async fn of_many_who_accept_at_once_one_becomes_a_member() {
    let team = Arc::new(Team::new().await);
    let token = team.token(team.invite("ada@example.com").await.id, 1);
    let tasks: Vec<_> = (0..6)
        .map(|_| {
            let (team, token) = (Arc::clone(&team), token.clone());
            tokio::spawn(async move { team.accept(&token, None).await })
        })
        .collect();
    let mut joined = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => joined += 1,
            Err(AcceptError::WrongState { .. } | AcceptError::LogInFirst) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(joined, 1);
    for rows in ["users WHERE email = 'ada@example.com'", "members WHERE role = 'MANAGER'", "sessions"] {
        assert_eq!(team.world.count(rows).await, 1, "{rows}");
    }
}

#[tokio::test]
async fn of_many_who_invite_the_same_at_once_one_does() {
    let team = Arc::new(Team::new().await);
    let tasks: Vec<_> = (0..6)
        .map(|_| {
            let team = Arc::clone(&team);
            tokio::spawn(async move {
                team.invite_as(team.owner, Role::Viewer, &["a@example.com", "b@example.com"]).await
            })
        })
        .collect();
    let mut created = 0;
    for task in tasks {
        let invited = task.await.unwrap().unwrap();
        created += outcomes(&invited).iter().filter(|outcome| outcome.ends_with("created")).count();
    }
    assert_eq!(created, 2);
    assert_eq!(team.world.count("invites").await, 2);
}

/// Waits until so many connections of this database wait for a lock.
async fn waiting(team: &Team, connections: i64) {
    let waits = "pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while team.world.count(waits).await < connections {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Somebody invites the same people again while it is written down that they were mailed: both take the rows of the invites.
/// The invites are asked for against the order of their addresses, and a third connection holds the first of them until both
/// wait: if they did not take them in one order, each would have what the other waits for.
#[tokio::test]
async fn inviting_again_while_the_mails_are_noted_takes_turns() {
    let team = Arc::new(Team::new().await);
    let said = ["z@example.com", "a@example.com"];
    team.invite_as(team.owner, Role::Viewer, &said[..1]).await.unwrap();
    team.invite_as(team.owner, Role::Viewer, &said[1..]).await.unwrap();
    let conn = &mut *team.world.conn().await;
    let page = domain::page::PageArgs::new(10, None);
    let mut invites = Invite::list(conn, &team.scope, &Default::default(), page).await.unwrap().rows;
    invites.reverse();
    let emails: Vec<_> = invites.iter().map(|invite| invite.email.as_str()).collect();
    assert_eq!(emails, said);
    for delivery in [InviteDelivery::Sent, InviteDelivery::Failed] {
        let noted: Vec<_> = invites
            .iter()
            .map(|invite| Delivered {
                invite_id: invite.id,
                email_key: Invite::email_key(invite.id, 1),
                delivery,
                error: None,
            })
            .collect();
        conn.batch_execute("BEGIN; SELECT 1 FROM invites WHERE email LIKE 'z%' FOR UPDATE").await.unwrap();
        let noting = tokio::spawn({
            let team = Arc::clone(&team);
            async move {
                let conn = &mut *team.world.conn().await;
                let act = team.world.act();
                conn.transaction(async |conn| note_deliveries(conn, &noted, &act).await).await
            }
        });
        waiting(&team, 1).await;
        let inviting = tokio::spawn({
            let team = Arc::clone(&team);
            async move { team.invite_as(team.owner, Role::Viewer, &said).await }
        });
        waiting(&team, 2).await;
        conn.batch_execute("COMMIT").await.unwrap();
        noting.await.unwrap().unwrap();
        let invited = inviting.await.unwrap().unwrap();
        assert_eq!(outcomes(&invited), ["z@example.com pending", "a@example.com pending"]);
        let done = format!("invites WHERE delivery = '{delivery}'");
        assert_eq!(team.world.count(&done).await, 2);
    }
}
