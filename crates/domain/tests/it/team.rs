use domain::{
    page::PageArgs,
    scope::AccountScope,
    team::{Member, Membership, NewMember, Role},
    users::{Passwords, User},
};
use ids::{AccountId, UserId};

use crate::support::World;

async fn owner(world: &World, email: &str) -> (UserId, AccountId) {
    let passwords = Passwords::for_testing().unwrap();
    let said = (email, "Owner", email);
    let owner = User::create_owner(&world.db, &passwords, said, &world.act()).await.unwrap().user;
    let memberships = Membership::of_user(&mut *world.conn().await, owner.id).await.unwrap();
    (owner.id, memberships[0].account.id)
}

#[tokio::test]
async fn one_user_many_accounts() {
    let world = World::new().await;
    let ((ada, first), (bob, second)) =
        (owner(&world, "ada@example.com").await, owner(&world, "bob@example.com").await);
    let conn = &mut *world.conn().await;
    assert!(Member::find(conn, second, ada).await.unwrap().is_none());
    let (id, at) = (world.ids.next(world.now), world.now);
    let new = NewMember {
        id,
        account_id: second,
        user_id: ada,
        role: Role::Viewer,
        created_at: at,
        updated_at: at,
    };
    new.insert(conn).await.unwrap();
    let roles: Vec<_> = Membership::of_user(conn, ada)
        .await
        .unwrap()
        .into_iter()
        .map(|membership| (membership.account.id, membership.member.role))
        .collect();
    assert_eq!(roles, [(first, Role::Owner), (second, Role::Viewer)]);
    let page = Member::list(conn, &AccountScope::whole(second), PageArgs::new(1, None)).await.unwrap();
    assert!(page.has_next && page.rows[0].user_id == bob);
    assert_eq!(Member::count(conn, &AccountScope::whole(second), 10).await.unwrap(), 2);
    assert!(new.insert(conn).await.is_err(), "one membership per user and account");
    world.execute("UPDATE accounts SET status = 'CLOSED' WHERE name = 'bob@example.com'").await;
    assert_eq!(Membership::of_user(conn, ada).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_member_reaches_their_programs() {
    let world = World::new().await;
    let (ada, account_id) = owner(&world, "ada@example.com").await;
    let conn = &mut *world.conn().await;
    let whole = Member::find(conn, account_id, ada).await.unwrap().unwrap();
    assert!(whole.scope().is_whole());
    let program = crate::api_keys::program(&world, account_id, "One").await;
    let other = crate::api_keys::program(&world, account_id, "Other").await;
    let limit = format!(
        "INSERT INTO member_programs SELECT account_id, id, '{}' FROM members",
        ids::TypedId::uuid(program)
    );
    world.execute(&limit).await;
    let scope = Member::find(conn, account_id, ada).await.unwrap().unwrap().scope();
    assert!(scope.allows(program) && !scope.allows(other) && !scope.is_whole());
}
