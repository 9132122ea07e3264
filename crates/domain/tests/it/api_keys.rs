use chrono::TimeDelta;
use domain::{
    accounts::{AccountStatus, NewAccount},
    act::Actor,
    api_keys::{ApiKey, CreateError, CreatedApiKey, NewApiKey, RevokeError},
    page::PageArgs,
    programs::{NewProgram, Program},
    scope::AccountScope,
    team::Permission as P,
};
use ids::{AccountId, ProgramId};
use money::Currency;

use crate::support::World;

const HELD: &[P] = &[P::Developers, P::ProgramsRead, P::TransactionsWrite];

pub async fn account(world: &World, name: &str) -> AccountId {
    let account = NewAccount {
        id: world.ids.next(world.now),
        name,
        base_currency: Currency::USD,
        time_zone: "UTC",
        country: None,
        company: None,
        address: None,
        tax_id: None,
        locale: "en",
        status: AccountStatus::Active,
        created_at: world.now,
        updated_at: world.now,
    };
    account.insert(&mut *world.conn().await).await.unwrap();
    account.id
}

pub async fn program(world: &World, account_id: AccountId, name: &str) -> ProgramId {
    let new = NewProgram {
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
    };
    let scope = AccountScope::whole(account_id);
    Program::create(&mut *world.conn().await, &scope, &new, &world.act()).await.unwrap().id
}

fn shop() -> NewApiKey {
    NewApiKey {
        name: "Shop".to_owned(),
        permissions: vec![P::TransactionsWrite, P::ProgramsRead],
        programs: Vec::new(),
        expires_at: None,
        idempotency_key: None,
    }
}

async fn create(world: &World, scope: &AccountScope, new: &NewApiKey) -> Result<CreatedApiKey, CreateError> {
    ApiKey::create(&mut *world.conn().await, scope, HELD, new, &world.act()).await
}

async fn opens(world: &World, secret: &str) -> bool {
    ApiKey::authenticate(&mut *world.conn().await, secret, world.now).await.unwrap().is_some()
}

#[tokio::test]
async fn a_key_is_shown_once_and_stored_hashed() {
    let world = World::new().await;
    let scope = AccountScope::whole(account(&world, "A").await);
    let created = create(&world, &scope, &shop()).await.unwrap();
    let secret = created.secret.unwrap();
    assert!(secret.expose().starts_with("rfo_live_") && secret.expose().ends_with(&created.key.hint));
    assert_eq!(created.key.permissions, [P::ProgramsRead, P::TransactionsWrite]);
    for table in ["api_keys", "audit_entries"] {
        let leaked = format!("{table} t WHERE t::text LIKE '%{}%'", &secret.expose()["rfo_live_".len()..]);
        assert_eq!(world.count(&leaked).await, 0, "{table}");
    }
    assert_eq!(world.count("audit_entries WHERE action = 'apiKeyCreate'").await, 1);
    let conn = &mut *world.conn().await;
    let (key, status) = ApiKey::authenticate(conn, secret.expose(), world.now).await.unwrap().unwrap();
    assert_eq!((key.id, status), (created.key.id, AccountStatus::Active));
    assert_eq!(key.scope(), scope);
    assert!(!opens(&world, "rfo_live_").await && !opens(&world, &secret.expose()[..51]).await);
}

#[tokio::test]
async fn nobody_grants_what_they_lack() {
    let world = World::new().await;
    let (ours, theirs) = (account(&world, "A").await, account(&world, "B").await);
    let (mine, other) = (program(&world, ours, "Mine").await, program(&world, ours, "Other").await);
    let foreign = program(&world, theirs, "Foreign").await;
    let (whole, limited) = (AccountScope::whole(ours), AccountScope::limited(ours, vec![mine]));
    let with = |programs: Vec<ProgramId>| NewApiKey { programs, ..shop() };

    let greedy = NewApiKey { permissions: vec![P::ProgramsRead, P::PayoutsExecute, P::TeamWrite], ..shop() };
    let refused = create(&world, &whole, &greedy).await.unwrap_err();
    assert!(matches!(&refused, CreateError::Lacking(lacks) if lacks == &[P::TeamWrite, P::PayoutsExecute]));
    assert!(matches!(create(&world, &limited, &shop()).await, Err(CreateError::Limited)));
    for (scope, program) in [(&limited, other), (&limited, foreign), (&whole, foreign)] {
        let refused = create(&world, scope, &with(vec![program])).await;
        assert!(matches!(refused, Err(CreateError::ProgramNotFound)));
    }
    assert_eq!(world.count("api_keys").await, 0);
    let key = create(&world, &limited, &with(vec![mine, mine])).await.unwrap().key;
    assert_eq!(key.programs, [mine]);
    assert!(key.scope().allows(mine) && !key.scope().allows(other));
}

#[tokio::test]
async fn keys_that_reach_further_are_out_of_sight() {
    let world = World::new().await;
    let (ours, theirs) = (account(&world, "A").await, account(&world, "B").await);
    let mine = program(&world, ours, "Mine").await;
    let (whole, limited) = (AccountScope::whole(ours), AccountScope::limited(ours, vec![mine]));
    let wide = create(&world, &whole, &shop()).await.unwrap().key;
    let narrow = create(&world, &whole, &NewApiKey { programs: vec![mine], ..shop() }).await.unwrap().key;
    let other = program(&world, ours, "Other").await;
    let both =
        create(&world, &whole, &NewApiKey { programs: vec![mine, other], ..shop() }).await.unwrap().key;
    let conn = &mut *world.conn().await;
    let list = ApiKey::list(conn, &whole, PageArgs::new(10, None)).await.unwrap().rows;
    assert_eq!(list.iter().map(|key| key.id).collect::<Vec<_>>(), [both.id, narrow.id, wide.id]);
    let list = ApiKey::list(conn, &limited, PageArgs::new(1, None)).await.unwrap();
    assert!(!list.has_next && ApiKey::count(conn, &limited, 10).await.unwrap() == 1);
    let list = list.rows;
    assert_eq!(list.iter().map(|key| key.id).collect::<Vec<_>>(), [narrow.id]);
    for scope in [&limited, &AccountScope::whole(theirs)] {
        assert!(ApiKey::find(conn, scope, wide.id).await.unwrap().is_none());
        let refused = ApiKey::revoke(conn, scope, wide.id, &world.act()).await;
        assert!(matches!(refused, Err(RevokeError::NotFound)));
    }
}

#[tokio::test]
async fn revoked_and_expired_keys_open_nothing() {
    let mut world = World::new().await;
    let scope = AccountScope::whole(account(&world, "A").await);
    let soon = NewApiKey { expires_at: Some(world.now + TimeDelta::hours(1)), ..shop() };
    let (short, long) =
        (create(&world, &scope, &soon).await.unwrap(), create(&world, &scope, &shop()).await.unwrap());
    let (short, id, long) = (short.secret.unwrap(), long.key.id, long.secret.unwrap());
    world.pass(TimeDelta::minutes(59));
    assert!(opens(&world, short.expose()).await && opens(&world, long.expose()).await);
    world.pass(TimeDelta::minutes(1));
    assert!(!opens(&world, short.expose()).await);
    let conn = &mut *world.conn().await;
    let revoked = ApiKey::revoke(conn, &scope, id, &world.act()).await.unwrap();
    assert_eq!(revoked.revoked_at, Some(world.now));
    assert!(!opens(&world, long.expose()).await);
    let again = ApiKey::revoke(conn, &scope, id, &world.act()).await;
    assert!(matches!(again, Err(RevokeError::AlreadyRevoked)));
    assert_eq!(world.count("audit_entries WHERE action = 'apiKeyRevoke'").await, 1);
}

#[tokio::test]
async fn a_key_creates_none_that_outlives_it() {
    let world = World::new().await;
    let scope = AccountScope::whole(account(&world, "A").await);
    let end = world.now + TimeDelta::hours(1);
    let parent = create(&world, &scope, &NewApiKey { expires_at: Some(end), ..shop() }).await.unwrap().key;
    let act = domain::act::Act { actor: Actor::ApiKey(parent.id), ..world.act() };
    let conn = &mut *world.conn().await;
    let child = ApiKey::create(conn, &scope, HELD, &shop(), &act).await.unwrap().key;
    assert_eq!(child.expires_at, Some(end), "none said: that of its creator");
    let sooner = NewApiKey { expires_at: Some(end - TimeDelta::minutes(1)), ..shop() };
    let child = ApiKey::create(conn, &scope, HELD, &sooner, &act).await.unwrap().key;
    assert_eq!(child.expires_at, sooner.expires_at);
    let later = NewApiKey { expires_at: Some(end + TimeDelta::seconds(1)), ..shop() };
    let refused = ApiKey::create(conn, &scope, HELD, &later, &act).await;
    assert!(matches!(refused, Err(CreateError::Outlives { ends_at }) if ends_at == end));
}

#[tokio::test]
async fn the_last_use_is_noted_every_minute() {
    let mut world = World::new().await;
    let scope = AccountScope::whole(account(&world, "A").await);
    let created = create(&world, &scope, &shop()).await.unwrap();
    let secret = created.secret.unwrap();
    let start = world.now;
    for (seconds, noted) in [(0, 0), (59, 0), (1, 60), (30, 60)] {
        world.pass(TimeDelta::seconds(seconds));
        assert!(opens(&world, secret.expose()).await);
        let key = ApiKey::find(&mut *world.conn().await, &scope, created.key.id).await.unwrap().unwrap();
        assert_eq!(key.last_used_at, Some(start + TimeDelta::seconds(noted)));
    }
}

#[tokio::test]
async fn a_replay_answers_with_the_key_but_not_its_secret() {
    let mut world = World::new().await;
    let scope = AccountScope::whole(account(&world, "A").await);
    let said = NewApiKey {
        idempotency_key: Some("once".to_owned()),
        expires_at: Some(world.now + TimeDelta::hours(1)),
        ..shop()
    };
    let first = create(&world, &scope, &said).await.unwrap();
    world.pass(TimeDelta::days(1));
    let shuffled = NewApiKey { permissions: vec![P::ProgramsRead, P::TransactionsWrite], ..said.clone() };
    for said in [&said, &shuffled] {
        let replayed = create(&world, &scope, said).await.unwrap();
        assert!(replayed.secret.is_none() && replayed.key.id == first.key.id);
    }
    let other = NewApiKey { name: "Other".to_owned(), ..said };
    assert!(matches!(create(&world, &scope, &other).await, Err(CreateError::IdempotencyMismatch)));
    assert_eq!(world.count("api_keys").await, 1);
}

#[tokio::test]
async fn everything_wrong_is_said_at_once() {
    let world = World::new().await;
    let scope = AccountScope::whole(account(&world, "A").await);
    let programs = (0..101).map(|_| world.ids.next(world.now)).collect();
    let bad = NewApiKey { name: " ".to_owned(), permissions: Vec::new(), programs, ..shop() };
    let Err(CreateError::Invalid(problems)) = create(&world, &scope, &bad).await else { panic!() };
    let paths: Vec<_> = problems.iter().map(|problem| problem.path.join(".")).collect();
    assert_eq!(paths, ["name", "permissions", "programIds"]);
    let past = NewApiKey { expires_at: Some(world.now), ..shop() };
    assert!(matches!(create(&world, &scope, &past).await, Err(CreateError::Invalid(_))));
}
