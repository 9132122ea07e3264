use domain::{
    groups::{CreateError, DeleteError, Group, GroupChanges, MOST_GROUPS, NewGroup, UpdateError},
    partners::{
        CreateError as PartnerCreateError, NewPartner, PartnerChanges, UpdateError as PartnerUpdateError,
    },
    text::TextProblem,
};
use ids::{GroupId, ProgramId};

use crate::partners::{Stage, person, program};

fn named(program_id: ProgramId, name: &str) -> NewGroup {
    NewGroup { program_id, name: name.to_owned(), idempotency_key: None }
}

pub async fn group(stage: &Stage, name: &str) -> Group {
    create(stage, &named(stage.program.id, name)).await.unwrap()
}

async fn create(stage: &Stage, new: &NewGroup) -> Result<Group, CreateError> {
    Group::create(&mut *stage.world.conn().await, &stage.scope, new, &stage.world.act()).await
}

async fn delete(stage: &Stage, id: GroupId) -> Result<Group, DeleteError> {
    Group::delete(&mut *stage.world.conn().await, &stage.scope, id, &stage.world.act()).await
}

fn into(group: Option<&Group>) -> PartnerChanges {
    PartnerChanges { group_id: Some(group.map(|group| group.id)), ..PartnerChanges::default() }
}

#[tokio::test]
async fn a_name_is_of_one_group_of_the_program() {
    let stage = Stage::set().await;
    let gold = group(&stage, " Gold ").await;
    assert_eq!(gold.name, "Gold");
    let again = create(&stage, &named(stage.program.id, "GOLD")).await;
    assert!(matches!(again, Err(CreateError::NameTaken)), "{again:?}");
    let silver = group(&stage, "Silver").await;
    let (conn, act) = (&mut *stage.world.conn().await, stage.world.act());
    let rename = GroupChanges { name: Some("gold".to_owned()) };
    let taken = Group::update(conn, &stage.scope, silver.id, &rename, &act).await;
    assert!(matches!(taken, Err(UpdateError::NameTaken)), "{taken:?}");
    let cased = Group::update(conn, &stage.scope, gold.id, &rename, &act).await.unwrap();
    assert_eq!(cased.name, "gold", "its own name may be written otherwise");
    let elsewhere = program(&stage.world, &stage.scope, "Other").await;
    assert!(create(&stage, &named(elsewhere.id, "gold")).await.is_ok(), "of another program");
    let Err(CreateError::Invalid(problems)) = create(&stage, &named(stage.program.id, " ")).await else {
        panic!("accepted")
    };
    assert_eq!(problems[0].problem, TextProblem::Missing);
}

#[tokio::test]
async fn a_key_of_the_caller_makes_once() {
    let stage = Stage::set().await;
    let new = NewGroup { idempotency_key: Some("k".to_owned()), ..named(stage.program.id, "Gold") };
    let first = create(&stage, &new).await.unwrap();
    assert_eq!(create(&stage, &new).await.unwrap(), first);
    let other = NewGroup { name: "Silver".to_owned(), ..new };
    assert!(matches!(create(&stage, &other).await, Err(CreateError::IdempotencyMismatch)));
}

#[tokio::test]
async fn a_program_has_so_many_groups_and_no_more() {
    let stage = Stage::set().await;
    for number in 0..MOST_GROUPS {
        group(&stage, &format!("g{number}")).await;
    }
    let more = create(&stage, &named(stage.program.id, "one more")).await;
    assert!(matches!(more, Err(CreateError::TooMany)), "{more:?}");
}

#[tokio::test]
async fn a_partner_is_in_a_group_of_its_program_and_is_told_of_with_it() {
    let stage = Stage::set().await;
    let gold = group(&stage, "Gold").await;
    let new = NewPartner { group_id: Some(gold.id), ..person(stage.program.id, "jane@example.com") };
    let jane = stage.partner(&new).await.unwrap();
    assert_eq!(jane.group_id, Some(gold.id));
    let silver = group(&stage, "Silver").await;
    assert_eq!(stage.update(jane.id, into(Some(&silver))).await.unwrap().group_id, Some(silver.id));
    let tags = PartnerChanges { tags: Some(vec!["vip".to_owned()]), ..PartnerChanges::default() };
    assert_eq!(
        stage.update(jane.id, tags).await.unwrap().group_id,
        Some(silver.id),
        "what is not said stays"
    );
    stage.update(jane.id, into(None)).await.unwrap();
    let payload = |group: Option<&Group>, tags: &str| {
        let group = group.map_or("null".to_owned(), |group| format!("\"{}\"", group.id));
        format!(
            "{{\"tags\": {tags}, \"group\": {group}, \"status\": \"APPROVED\", \"upline\": null, \"partnerId\": \"{}\", \"programId\": \"{}\"}}",
            jane.id, stage.program.id
        )
    };
    let told = [
        payload(Some(&gold), "[]"),
        payload(Some(&silver), "[]"),
        payload(Some(&silver), "[\"vip\"]"),
        payload(None, "[\"vip\"]"),
    ];
    assert_eq!(stage.payloads("partner.").await, told);
    let elsewhere = program(&stage.world, &stage.scope, "Other").await;
    let foreign = create(&stage, &named(elsewhere.id, "Gold")).await.unwrap();
    let refused = stage.update(jane.id, into(Some(&foreign))).await;
    assert!(matches!(refused, Err(PartnerUpdateError::GroupNotFound)), "{refused:?}");
    let new = NewPartner { group_id: Some(foreign.id), ..person(stage.program.id, "joe@example.com") };
    let refused = stage.partner(&new).await;
    assert!(matches!(refused, Err(PartnerCreateError::GroupNotFound)), "{refused:?}");
}

#[tokio::test]
async fn only_an_empty_group_is_deleted() {
    let stage = Stage::set().await;
    let gold = group(&stage, "Gold").await;
    let jane = stage.approved("jane@example.com").await;
    stage.update(jane.id, into(Some(&gold))).await.unwrap();
    let refused = delete(&stage, gold.id).await;
    assert!(matches!(refused, Err(DeleteError::NotEmpty)), "{refused:?}");
    stage.update(jane.id, into(None)).await.unwrap();
    assert_eq!(delete(&stage, gold.id).await.unwrap().name, "Gold");
    assert!(matches!(delete(&stage, gold.id).await, Err(DeleteError::NotFound)));
    assert_eq!(stage.world.count("audit_entries WHERE action = 'groupDelete'").await, 1);
}

/// Whoever comes first wins: either the group is gone and nobody is in it, or somebody is in it and it stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_not_deleted_while_somebody_enters_it() {
    let stage = Stage::set().await;
    let jane = stage.approved("jane@example.com").await;
    for round in 0..8 {
        let gold = group(&stage, &format!("g{round}")).await;
        let [one, two] = [(); 2].map(|()| (stage.world.db.clone(), stage.scope.clone(), stage.world.act()));
        let changes = into(Some(&gold));
        let enters = tokio::spawn(async move {
            domain::partners::Partner::update(
                &mut one.0.get().await.unwrap(),
                &one.1,
                jane.id,
                &changes,
                &one.2,
            )
            .await
            .map(|partner| partner.group_id)
        });
        let goes = tokio::spawn(async move {
            Group::delete(&mut two.0.get().await.unwrap(), &two.1, gold.id, &two.2)
                .await
                .map(|group| group.id)
        });
        match (enters.await.unwrap(), goes.await.unwrap()) {
            (Ok(entered), Err(DeleteError::NotEmpty)) => assert!(entered.is_some()),
            (Err(PartnerUpdateError::GroupNotFound), Ok(_)) => {}
            other => panic!("{other:?}"),
        }
        stage.update(jane.id, into(None)).await.unwrap();
    }
}
