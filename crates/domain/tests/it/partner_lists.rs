use domain::{
    page::PageArgs,
    partners::{
        CreateError, NewPartner, Partner, PartnerChanges, PartnerFilter, PartnerProfile, PartnerStatus,
        Transition, TransitionError, UpdateError,
    },
    scope::AccountScope,
};

use crate::partners::{Stage, account, person, program};

/// What lies outside the scope does not exist, by any door, and stays as it is.
#[tokio::test]
async fn out_of_reach_is_not_found() {
    let stage = Stage::set().await;
    let jane = stage.approved("jane@example.com").await;
    let elsewhere = program(&stage.world, &stage.scope, "Elsewhere").await;
    let outsider = account(&stage.world).await;
    let limited = AccountScope::limited(stage.scope.account_id, vec![elsewhere.id]);
    let (conn, act) = (&mut *stage.world.conn().await, stage.world.act());
    for scope in [outsider, limited] {
        assert_eq!(Partner::find(conn, &scope, jane.id).await.unwrap(), None);
        assert_eq!(Partner::find_locked(conn, &scope, jane.id).await.unwrap(), None);
        assert_eq!(Partner::find_all(conn, &scope, &[jane.id]).await.unwrap(), []);
        assert_eq!(Partner::find_by_key(conn, &scope, jane.program_id, &jane.key).await.unwrap(), None);
        assert_eq!(Partner::status_of(conn, &scope, jane.id).await.unwrap(), None);
        assert_eq!(PartnerProfile::find_all(conn, &scope, &[jane.profile_id]).await.unwrap(), []);
        let filter = PartnerFilter { program_ids: vec![jane.program_id], ..PartnerFilter::default() };
        assert_eq!(Partner::list(conn, &scope, &filter, PageArgs::new(10, None)).await.unwrap().rows, []);
        assert_eq!(Partner::count(conn, &scope, &PartnerFilter::default(), 10).await.unwrap(), 0);
        let new = person(stage.program.id, "eve@example.com");
        let refused = Partner::create(conn, &scope, &new, &act).await;
        assert!(matches!(refused, Err(CreateError::ProgramNotFound)), "{refused:?}");
        let transition = Transition::Suspend { reason: "mine now" };
        let refused = Partner::transition(conn, &scope, jane.id, transition, &act).await;
        assert!(matches!(refused, Err(TransitionError::NotFound)), "{refused:?}");
        let changes = PartnerChanges { name: Some("Mallory".to_owned()), ..PartnerChanges::default() };
        let refused = Partner::update(conn, &scope, jane.id, &changes, &act).await;
        assert!(matches!(refused, Err(UpdateError::NotFound)), "{refused:?}");
    }
    assert_eq!(Partner::find(conn, &stage.scope, jane.id).await.unwrap(), Some(jane));
    assert_eq!(stage.told("prt_").await.len(), 1);
}

#[tokio::test]
async fn partners_are_found_by_id_and_key() {
    let stage = Stage::set().await;
    let new = NewPartner { key: Some("jane".to_owned()), ..person(stage.program.id, "jane@example.com") };
    let jane = stage.partner(&new).await.unwrap();
    let conn = &mut *stage.world.conn().await;
    let status = Partner::status_of(conn, &stage.scope, jane.id).await.unwrap();
    assert_eq!(status, Some(PartnerStatus::Approved));
    for (key, found) in [(" JANE ", true), ("john", false), ("", false), ("ja\0ne", false)] {
        let partner = Partner::find_by_key(conn, &stage.scope, stage.program.id, key).await.unwrap();
        assert_eq!(partner.is_some_and(|partner| partner == jane), found, "{key:?}");
    }
}

#[tokio::test]
async fn lists_are_walked_and_filtered() {
    let stage = Stage::set().await;
    let other = program(&stage.world, &stage.scope, "Other").await;
    let mut made = Vec::new();
    for number in 0..23 {
        let program_id = if number % 5 == 0 { other.id } else { stage.program.id };
        let new = NewPartner {
            name: format!("Person {number:02} 100%"),
            key: Some(format!("key-{number:02}")),
            tags: vec![if number < 10 { "early" } else { "late" }.to_owned()],
            ..person(program_id, &format!("p{number:02}@mail{}.example", number % 2))
        };
        made.push(stage.partner(&new).await.unwrap().id);
    }
    stage.transition(made[22], Transition::Suspend { reason: "spam" }).await.unwrap();
    made.reverse();
    let conn = &mut *stage.world.conn().await;
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let args = PageArgs::new(5, after);
        let page = Partner::list(conn, &stage.scope, &PartnerFilter::default(), args).await.unwrap();
        after = page.rows.last().map(|partner| partner.id);
        seen.extend(page.rows.into_iter().map(|partner| partner.id));
        if !page.has_next {
            break;
        }
    }
    assert_eq!(seen, made, "each once, newest first");

    let all = PartnerFilter::default;
    let words = |text: &str| Some(text.to_owned());
    for (filter, expected) in [
        (PartnerFilter { program_ids: vec![other.id], ..all() }, 5),
        (PartnerFilter { status: vec![PartnerStatus::Suspended], ..all() }, 1),
        (PartnerFilter { tags: vec!["early".to_owned(), "absent".to_owned()], ..all() }, 10),
        (PartnerFilter { tags: vec!["\0".to_owned()], ..all() }, 0),
        (PartnerFilter { search: words("PERSON 1"), ..all() }, 10),
        (PartnerFilter { search: words("Y-2"), ..all() }, 3),
        (PartnerFilter { search: words("0%"), ..all() }, 23),
        (PartnerFilter { search: words("n_0"), ..all() }, 0),
        (PartnerFilter { search: words("@mail1"), ..all() }, 0),
        (PartnerFilter { search: words("@MAIL1"), search_emails: true, ..all() }, 11),
        (PartnerFilter { search: words("key\0"), ..all() }, 23),
    ] {
        let count = Partner::count(conn, &stage.scope, &filter, 100).await.unwrap();
        assert_eq!(count, expected, "{filter:?}");
        let page = Partner::list(conn, &stage.scope, &filter, PageArgs::new(100, None)).await.unwrap();
        assert_eq!(i64::try_from(page.rows.len()).unwrap(), expected, "{filter:?}");
    }
    assert_eq!(Partner::count(conn, &stage.scope, &all(), 20).await.unwrap(), 20, "counted up to the cap");
}
