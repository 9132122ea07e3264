use domain::partners::{
    CreateError, NewPartner, Partner, PartnerChanges, PartnerFilter, UpdateError, UplineProblem,
};
use ids::PartnerId;

use crate::partners::{Stage, person, program};

fn below(upline: Option<PartnerId>) -> PartnerChanges {
    PartnerChanges { upline_id: Some(upline), ..PartnerChanges::default() }
}

/// Partners of whom each recruited the next one.
async fn chain(stage: &Stage, name: &str, length: usize) -> Vec<PartnerId> {
    let mut chain: Vec<PartnerId> = Vec::new();
    for number in 0..length {
        let email = format!("{name}{number}@example.com");
        let new = NewPartner { upline_id: chain.last().copied(), ..person(stage.program.id, &email) };
        chain.push(stage.partner(&new).await.unwrap().id);
    }
    chain
}

fn refused(outcome: Result<Partner, UpdateError>) -> UplineProblem {
    match outcome {
        Err(UpdateError::Upline(problem)) => problem,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn nobody_has_more_than_five_above_them() {
    let stage = Stage::set().await;
    let six = chain(&stage, "a", 6).await;
    let seventh = NewPartner { upline_id: Some(six[5]), ..person(stage.program.id, "b@example.com") };
    let outcome = stage.partner(&seventh).await;
    assert!(matches!(outcome, Err(CreateError::Upline(UplineProblem::TooDeep))), "{outcome:?}");
    // Three below one another under the third of six would be six above the last; under the second they fit.
    let three = chain(&stage, "c", 3).await;
    assert_eq!(refused(stage.update(three[0], below(Some(six[3]))).await), UplineProblem::TooDeep);
    assert_eq!(stage.update(three[0], below(Some(six[2]))).await.unwrap().upline_id, Some(six[2]));
    // What is below counts with what is above.
    let top = stage.approved("top@example.com").await;
    assert_eq!(refused(stage.update(six[0], below(Some(top.id))).await), UplineProblem::TooDeep);
    stage.update(six[5], below(None)).await.unwrap();
    stage.update(three[0], below(None)).await.unwrap();
    assert!(stage.update(six[0], below(Some(top.id))).await.is_ok());
}

#[tokio::test]
async fn nobody_is_above_themselves() {
    let stage = Stage::set().await;
    let three = chain(&stage, "a", 3).await;
    for upline in &three {
        assert_eq!(refused(stage.update(three[0], below(Some(*upline))).await), UplineProblem::Cycle);
    }
    let elsewhere = program(&stage.world, &stage.scope, "Other").await;
    let stranger = stage.partner(&person(elsewhere.id, "eve@example.com")).await.unwrap();
    assert_eq!(refused(stage.update(three[0], below(Some(stranger.id))).await), UplineProblem::NotFound);
    let own = stage.update(three[2], PartnerChanges::default()).await.unwrap();
    assert_eq!(own.upline_id, Some(three[1]), "what is not said stays");
    let filter = PartnerFilter { upline_ids: vec![three[0], three[1]], ..PartnerFilter::default() };
    let conn = &mut *stage.world.conn().await;
    assert_eq!(Partner::count(conn, &stage.scope, &filter, 10).await.unwrap(), 2);
}

#[tokio::test]
async fn a_new_upline_is_told_of() {
    let stage = Stage::set().await;
    let two = chain(&stage, "a", 2).await;
    stage.update(two[1], below(None)).await.unwrap();
    let uplines = "SELECT coalesce(payload ->> 'upline', 'nobody') AS line FROM events WHERE subject = ";
    let told = stage.lines(&format!("{uplines}'{}' ORDER BY seq", two[1])).await;
    assert_eq!(told, [two[0].to_string(), "nobody".to_owned()]);
}

/// Two changes, each of them fine alone, that would together close a circle: one of them is refused, always.
#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_close_no_circle() {
    let stage = Stage::set().await;
    let (one, other) = (stage.approved("a@example.com").await, stage.approved("b@example.com").await);
    for _ in 0..16 {
        let tasks = [(one.id, other.id), (other.id, one.id)].map(|(id, upline)| {
            let (db, scope, act) = (stage.world.db.clone(), stage.scope.clone(), stage.world.act());
            tokio::spawn(async move {
                let changes = below(Some(upline));
                Partner::update(&mut db.get().await.unwrap(), &scope, id, &changes, &act).await
            })
        });
        let mut done = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => done += 1,
                outcome => assert_eq!(refused(outcome), UplineProblem::Cycle),
            }
        }
        assert_eq!(done, 1);
        for id in [one.id, other.id] {
            stage.update(id, below(None)).await.unwrap();
        }
    }
}
