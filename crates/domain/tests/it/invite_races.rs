use std::sync::Arc;

use domain::team::{Role, invites::AcceptError};

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
