use domain::{
    page::PageArgs,
    programs::{
        CreateError, Grandfathering, NewProgram, Program, ProgramChanges, ProgramFilter, ProgramStatus,
        Transition, TransitionError, UpdateError,
    },
    scope::AccountScope,
};
use money::Currency;

use crate::{
    partners::account,
    shop::{Shop, percent},
    support::World,
};

fn named(name: &str) -> NewProgram {
    NewProgram {
        kind: domain::programs::ProgramKind::Affiliate,
        name: name.to_owned(),
        currency: Currency::USD,
        slug: None,
        website: None,
        time_zone: None,
        grandfathering: None,
        link_parameter: None,
        link_style: None,
        attribution_model: None,
        attribution_window_days: None,
        auto_approve: None,
        late_sale_days: None,
        idempotency_key: None,
    }
}

async fn create(world: &World, scope: &AccountScope, new: &NewProgram) -> Result<Program, CreateError> {
    Program::create(&mut *world.conn().await, scope, new, &world.act()).await
}

async fn update(shop: &Shop, changes: ProgramChanges) -> Result<Program, UpdateError> {
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    Program::update(conn, &shop.scope, shop.program.id, &changes, &act).await
}

async fn transition(shop: &Shop, transition: Transition) -> Result<Program, TransitionError> {
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    Program::transition(conn, &shop.scope, shop.program.id, transition, &act).await
}

#[tokio::test]
async fn a_program_begins_as_a_draft_with_the_usual_settings() {
    let world = World::new().await;
    let scope = account(&world).await;
    let program = create(&world, &scope, &named(" Acme Partners ")).await.unwrap();
    assert_eq!((program.name.as_str(), program.slug.as_str()), ("Acme Partners", "acme-partners"));
    assert_eq!((program.status, program.time_zone.as_str()), (ProgramStatus::Draft, "UTC"));
    assert_eq!((program.attribution_window_days, program.late_sale_days), (60, 90));
    assert_eq!(world.count("events WHERE kind = 'program.created' AND position IS NULL").await, 1);
    assert_eq!(world.count("audit_entries WHERE action = 'programCreate'").await, 1);
    assert_eq!(world.count("reward_cursors WHERE position = 0").await, 1);
}

#[tokio::test]
async fn the_same_key_and_words_give_the_same_program() {
    let world = World::new().await;
    let scope = account(&world).await;
    let acme = NewProgram { idempotency_key: Some("k1".to_owned()), ..named("Acme") };
    let first = create(&world, &scope, &acme).await.unwrap();
    assert_eq!(create(&world, &scope, &acme).await.unwrap().id, first.id);
    let other = NewProgram { name: "Other".to_owned(), ..acme.clone() };
    assert!(matches!(create(&world, &scope, &other).await, Err(CreateError::IdempotencyMismatch)));
    // A key is the account's own, and one whose call failed is free.
    let elsewhere = account(&world).await;
    assert_ne!(create(&world, &elsewhere, &acme).await.unwrap().id, first.id);
    let taken = NewProgram { idempotency_key: Some("k2".to_owned()), ..acme.clone() };
    assert!(matches!(create(&world, &scope, &taken).await, Err(CreateError::SlugTaken)));
    let free = NewProgram { slug: Some("free".to_owned()), ..taken };
    create(&world, &scope, &free).await.unwrap();
    assert_eq!(world.count("programs").await, 3);
    assert_eq!(world.count("events").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_at_once_with_one_key_make_one() {
    let world = World::new().await;
    let scope = account(&world).await;
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (db, scope, act) = (world.db.clone(), scope.clone(), world.act());
            let new = NewProgram { idempotency_key: Some("k".to_owned()), ..named("Acme") };
            tokio::spawn(async move {
                Program::create(&mut db.get().await.unwrap(), &scope, &new, &act).await.unwrap().id
            })
        })
        .collect();
    let mut ids = Vec::new();
    for task in tasks {
        ids.push(task.await.unwrap());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(world.count("programs").await, 1);
    assert_eq!(world.count("events").await, 1);
}

#[tokio::test]
async fn a_slug_is_taken_once_in_an_account() {
    let shop = Shop::empty().await;
    let second = create(&shop.world, &shop.scope, &named("Second")).await.unwrap();
    let again = create(&shop.world, &shop.scope, &named("second")).await;
    assert!(matches!(again, Err(CreateError::SlugTaken)));
    let changes = ProgramChanges { slug: Some("second".to_owned()), ..ProgramChanges::default() };
    assert!(matches!(update(&shop, changes.clone()).await, Err(UpdateError::SlugTaken)));
    let conn = &mut *shop.world.conn().await;
    let same = Program::update(conn, &shop.scope, second.id, &changes, &shop.world.act()).await;
    assert_eq!(same.unwrap().slug, "second");
    create(&shop.world, &account(&shop.world).await, &named("second")).await.unwrap();
}

#[tokio::test]
async fn calendar_and_grandfathering_are_fixed_by_terms() {
    let shop = Shop::empty().await;
    let zone = |zone: &str| ProgramChanges { time_zone: Some(zone.to_owned()), ..ProgramChanges::default() };
    let policy = |policy| ProgramChanges { grandfathering: Some(policy), ..ProgramChanges::default() };
    update(&shop, zone("Europe/Berlin")).await.unwrap();
    update(&shop, policy(Grandfathering::Keep)).await.unwrap();
    shop.publish(&percent("30"), None).await;
    for (changes, fixed) in [(zone("UTC"), "timeZone"), (policy(Grandfathering::Follow), "grandfathering")] {
        let refused = update(&shop, changes).await;
        assert!(matches!(refused, Err(UpdateError::FixedByTerms { field }) if field == fixed));
    }
    let same = ProgramChanges { name: Some("New".to_owned()), ..zone("Europe/Berlin") };
    assert_eq!(update(&shop, same).await.unwrap().name, "New");
    let nameless = ProgramChanges { name: Some(" ".to_owned()), ..ProgramChanges::default() };
    assert!(
        matches!(update(&shop, nameless).await, Err(UpdateError::Invalid(problems)) if problems.len() == 1)
    );
}

/// Publishing waits for whoever changes the program, and sees what they did.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_published_while_the_program_changes() {
    use diesel_async::{AsyncConnection, SimpleAsyncConnection};
    let shop = Shop::empty().await;
    let (conn, act) = (&mut *shop.world.conn().await, shop.world.act());
    let draft = domain::terms::Terms::put_draft(conn, &shop.scope, shop.program.id, &percent("1"), &act)
        .await
        .unwrap();
    let (db, scope) = (shop.world.db.clone(), shop.scope.clone());
    let publishing = conn
        .transaction(async |conn| {
            Program::find_locked(conn, &shop.scope, shop.program.id).await?;
            let publishing = tokio::spawn(async move {
                let conn = &mut *db.get().await.unwrap();
                domain::terms::Terms::publish(conn, &scope, draft.id, None, &act).await
            });
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            assert_eq!(shop.world.count("terms WHERE published_at IS NOT NULL").await, 0);
            conn.batch_execute("UPDATE programs SET status = 'ARCHIVED'").await?;
            Ok::<_, diesel::result::Error>(publishing)
        })
        .await
        .unwrap();
    let refused = publishing.await.unwrap();
    assert!(matches!(refused, Err(domain::terms::PublishError::WrongState { .. })), "{refused:?}");
}

#[tokio::test]
async fn states_follow_each_other() {
    use ProgramStatus as S;
    use Transition as T;
    let shop = Shop::empty().await;
    assert!(matches!(transition(&shop, T::Activate).await, Err(TransitionError::NoPublishedTerms)));
    shop.publish(&percent("30"), None).await;
    let story = [
        (T::Pause, Err(S::Draft)),
        (T::Activate, Ok(S::Active)),
        (T::Activate, Err(S::Active)),
        (T::Pause, Ok(S::Paused)),
        (T::Pause, Err(S::Paused)),
        (T::Activate, Ok(S::Active)),
        (T::Archive, Ok(S::Archived)),
        (T::Activate, Err(S::Archived)),
        (T::Archive, Err(S::Archived)),
    ];
    for (step, expected) in story {
        let found = transition(&shop, step).await.map(|program| program.status);
        let found = found.map_err(|error| match error {
            TransitionError::WrongState { current } => current,
            other => panic!("{other}"),
        });
        assert_eq!(found, expected, "{step:?}");
    }
    assert!(matches!(update(&shop, ProgramChanges::default()).await, Err(UpdateError::WrongState { .. })));
    let told = shop.lines("SELECT kind AS line FROM events WHERE subject LIKE 'prg_%' ORDER BY seq").await;
    let kinds = ["created", "activated", "paused", "activated", "archived"];
    assert_eq!(told, kinds.map(|kind| format!("program.{kind}")));
}

#[tokio::test]
async fn what_is_out_of_reach_does_not_exist() {
    let shop = Shop::open().await;
    let world = &shop.world;
    let other = create(world, &shop.scope, &named("Other")).await.unwrap();
    let stranger = account(world).await;
    let limited = AccountScope::limited(shop.scope.account_id, vec![other.id]);
    let conn = &mut *world.conn().await;
    for scope in [&stranger, &limited] {
        let id = shop.program.id;
        assert!(Program::find(conn, scope, id).await.unwrap().is_none());
        assert!(Program::find_all(conn, scope, &[id]).await.unwrap().is_empty());
        let changed = Program::update(conn, scope, id, &ProgramChanges::default(), &world.act()).await;
        assert!(matches!(changed, Err(UpdateError::NotFound)));
        let paused = Program::transition(conn, scope, id, Transition::Pause, &world.act()).await;
        assert!(matches!(paused, Err(TransitionError::NotFound)));
        let page =
            Program::list(conn, scope, &ProgramFilter::default(), PageArgs::new(10, None)).await.unwrap();
        assert!(page.rows.iter().all(|program| program.id != id));
    }
    let made = Program::create(conn, &limited, &named("Third"), &world.act()).await;
    assert!(matches!(made, Err(CreateError::Limited)));
    assert_eq!(world.count("programs WHERE status = 'ACTIVE'").await, 1);
}
