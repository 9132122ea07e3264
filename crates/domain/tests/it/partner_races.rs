use domain::partners::{CreateError, Partner, PartnerChanges, Transition, TransitionError, UpdateError};

use crate::partners::{Stage, person};

#[tokio::test]
async fn thirty_two_at_once_make_one() {
    let stage = Stage::set().await;
    let tasks: Vec<_> = (0..32)
        .map(|number| {
            let (db, scope, act) = (stage.world.db.clone(), stage.scope.clone(), stage.world.act());
            let email = if number % 2 == 0 { "jane@example.com" } else { "Jane@Example.com" };
            let new = person(stage.program.id, email);
            tokio::spawn(
                async move { Partner::create(&mut db.get().await.unwrap(), &scope, &new, &act).await },
            )
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => won += 1,
            Err(CreateError::AlreadyPartner) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(won, 1);
    assert_eq!(stage.world.count("partners").await, 1);
    assert_eq!(stage.world.count("partner_profiles").await, 1);
    assert_eq!(stage.told("prt_").await.len(), 1);
}

/// All take their locks in one order, so that they wait for each other and none is a victim.
#[tokio::test]
async fn writers_on_one_person_wait_for_each_other() {
    let stage = Stage::set().await;
    let jane = stage.approved("jane@example.com").await;
    let tasks: Vec<_> = (0..32)
        .map(|number| {
            let (db, scope, act) = (stage.world.db.clone(), stage.scope.clone(), stage.world.act());
            let (id, new) = (jane.id, person(stage.program.id, "jane@example.com"));
            tokio::spawn(async move {
                let conn = &mut db.get().await.unwrap();
                let changes =
                    PartnerChanges { name: Some(format!("Jane {number}")), ..PartnerChanges::default() };
                match number % 4 {
                    0 => matches!(
                        Partner::create(conn, &scope, &new, &act).await,
                        Err(CreateError::AlreadyPartner)
                    ),
                    1 => Partner::update(conn, &scope, id, &changes, &act).await.is_ok(),
                    2 => fits(
                        Partner::transition(conn, &scope, id, Transition::Suspend { reason: "x" }, &act)
                            .await,
                    ),
                    _ => fits(Partner::transition(conn, &scope, id, Transition::Reinstate, &act).await),
                }
            })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap());
    }
    let changes = PartnerChanges { name: Some("Jane".to_owned()), ..PartnerChanges::default() };
    let conn = &mut *stage.world.conn().await;
    let last: Result<_, UpdateError> =
        Partner::update(conn, &stage.scope, jane.id, &changes, &stage.world.act()).await;
    let status = last.unwrap().status;
    // The events tell the states in the order in which they were: the last one tells the present state.
    assert_eq!(stage.told("prt_").await.last(), Some(&format!("partner.updated {status}")));
    let mut suspended = false;
    for told in stage.told("prt_").await {
        suspended = match told.as_str() {
            "partner.suspended SUSPENDED" if !suspended => true,
            "partner.reinstated APPROVED" if suspended => false,
            "partner.updated SUSPENDED" if suspended => true,
            "partner.approved APPROVED" | "partner.updated APPROVED" if !suspended => false,
            other => panic!("{other} while suspended is {suspended}"),
        };
    }
}

fn fits(outcome: Result<Partner, TransitionError>) -> bool {
    matches!(outcome, Ok(_) | Err(TransitionError::WrongState { .. }))
}
