use std::sync::Arc;

use domain::{
    act::{Act, Actor},
    api_keys::{ApiKey, NewApiKey},
    scope::AccountScope,
    team::{
        GrantError, Member, MemberChanges, MemberError, Permission as P, Role,
        invites::{Invite, InviteCreateError, Invited, NewInvites},
    },
};
use ids::{ApiKeyId, MemberId, UserId};

use crate::invites::Team;

impl Team {
    async fn remove_as(&self, user: UserId, id: MemberId) -> Result<Member, MemberError> {
        let conn = &mut *self.world.conn().await;
        Member::remove(conn, (&self.scope, P::ALL), id, &self.act_of(user)).await
    }

    async fn update_as(&self, user: UserId, id: MemberId, role: Role) -> Result<Member, MemberError> {
        let changes = MemberChanges { role: Some(role), programs: None };
        let conn = &mut *self.world.conn().await;
        Member::update(conn, (&self.scope, P::ALL), id, &changes, &self.act_of(user)).await
    }

    async fn leave(&self, user: UserId) -> Result<Member, MemberError> {
        Member::leave(&mut *self.world.conn().await, &self.scope, user, &self.act_of(user)).await
    }

    async fn key(&self, maker: Actor, permissions: &[P]) -> Option<ApiKeyId> {
        let new = NewApiKey {
            name: "k".to_owned(),
            permissions: permissions.to_vec(),
            programs: Vec::new(),
            expires_at: None,
            idempotency_key: None,
        };
        let act = Act { actor: maker, ..self.world.act() };
        let conn = &mut *self.world.conn().await;
        ApiKey::create(conn, &self.scope, P::ALL, &new, &act).await.ok().map(|created| created.key.id)
    }

    async fn invite_by(&self, key: ApiKeyId, email: &str) -> Result<Vec<Invited>, InviteCreateError> {
        let emails = vec![email.to_owned()];
        let new = NewInvites { emails, role: Role::Viewer, programs: Vec::new(), message: None };
        let act = Act { actor: Actor::ApiKey(key), ..self.world.act() };
        let conn = &mut *self.world.conn().await;
        Invite::create(conn, (&self.scope, P::ALL), &new, self.rules(), &act).await
    }

    async fn is_live(&self, id: ApiKeyId) -> bool {
        let conn = &mut *self.world.conn().await;
        ApiKey::find(conn, &self.scope, id).await.unwrap().unwrap().revoked_at.is_none()
    }

    async fn own_membership(&self) -> MemberId {
        let conn = &mut *self.world.conn().await;
        Member::find(conn, self.scope.account_id, self.owner).await.unwrap().unwrap().id
    }
}

#[tokio::test]
async fn what_a_member_made_ends_with_them() {
    let team = Team::new().await;
    let adam = team.member("adam", Role::Admin).await;
    let own = team.key(Actor::User(team.owner), &[P::Developers]).await.unwrap();
    let first = team.key(Actor::User(adam.user_id), &[P::Developers, P::ProgramsRead]).await.unwrap();
    let second = team.key(Actor::ApiKey(first), &[P::ProgramsRead]).await.unwrap();
    team.invite_as(adam.user_id, Role::Admin, &["adam@home.example"]).await.unwrap();
    let kept = team.invite("ada@example.com").await;
    team.remove_as(team.owner, adam.id).await.unwrap();
    assert!(!team.is_live(first).await && !team.is_live(second).await && team.is_live(own).await);
    let world = &team.world;
    assert_eq!(world.count("events WHERE kind = 'api_key.revoked'").await, 2);
    assert_eq!(world.count("events WHERE kind = 'invite.revoked'").await, 1);
    assert_eq!(world.count("invites WHERE status = 'PENDING'").await, 1);
    assert_eq!(world.count(&format!("invites WHERE id = '{}'", ids::TypedId::uuid(kept.id))).await, 1);
    let told = format!("payload ->> 'userId' = '{}' AND kind = 'member.removed'", adam.user_id);
    assert_eq!(world.count(&format!("events WHERE {told}")).await, 1);
    assert!(matches!(team.remove_as(team.owner, adam.id).await, Err(MemberError::NotFound)));
    assert!(team.key(Actor::User(adam.user_id), &[P::ProgramsRead]).await.is_none(), "in flight, too late");
    assert!(team.key(Actor::ApiKey(first), &[P::ProgramsRead]).await.is_none(), "nor by the key");
}

#[tokio::test]
async fn a_demotion_ends_what_goes_beyond_it() {
    let team = Team::new().await;
    let adam = team.member("adam", Role::Admin).await;
    let reads = team.key(Actor::User(adam.user_id), &[P::ProgramsRead]).await.unwrap();
    let writes = team.key(Actor::User(adam.user_id), &[P::TeamWrite]).await.unwrap();
    team.invite_as(adam.user_id, Role::Admin, &["one@example.com"]).await.unwrap();
    team.invite_as(adam.user_id, Role::Viewer, &["two@example.com"]).await.unwrap();
    team.update_as(team.owner, adam.id, Role::Manager).await.unwrap();
    assert!(team.is_live(reads).await && !team.is_live(writes).await);
    assert_eq!(team.world.count("invites WHERE status = 'REVOKED' AND email = 'one@example.com'").await, 1);
    assert_eq!(team.world.count("invites WHERE status = 'PENDING' AND email = 'two@example.com'").await, 1);
    team.update_as(team.owner, adam.id, Role::Manager).await.unwrap();
    assert_eq!(team.world.count("events WHERE kind = 'member.updated'").await, 1, "nothing changed");
}

#[tokio::test]
async fn a_key_that_is_revoked_takes_along_what_it_made() {
    let mut team = Team::new().await;
    let first = team.key(Actor::User(team.owner), P::ALL).await.unwrap();
    let second = team.key(Actor::ApiKey(first), P::ALL).await.unwrap();
    let other = team.key(Actor::User(team.owner), P::ALL).await.unwrap();
    for (maker, email) in
        [(first, "one@example.com"), (second, "two@example.com"), (other, "kept@example.com")]
    {
        team.invite_by(maker, email).await.unwrap();
    }
    let (conn, act) = (&mut *team.world.conn().await, team.act_of(team.owner));
    ApiKey::revoke(conn, &team.scope, first, &act).await.unwrap();
    let again = ApiKey::revoke(conn, &team.scope, first, &act).await.unwrap_err();
    assert!(matches!(again, domain::api_keys::RevokeError::AlreadyRevoked), "{again}");
    assert!(!team.is_live(first).await && !team.is_live(second).await && team.is_live(other).await);
    assert_eq!(team.world.count("invites WHERE status = 'PENDING'").await, 1);
    assert_eq!(team.world.count("invites WHERE status = 'PENDING' AND email LIKE 'kept%'").await, 1);
    assert_eq!(team.world.count("events WHERE kind = 'api_key.revoked'").await, 2);
    assert!(team.key(Actor::ApiKey(second), &[P::ProgramsRead]).await.is_none(), "in flight, too late");
    team.world.execute("UPDATE api_keys SET expires_at = '2026-11-22T12:00:10Z'").await;
    team.world.pass(chrono::TimeDelta::seconds(9));
    team.invite_by(other, "in-time@example.com").await.unwrap();
    team.world.pass(chrono::TimeDelta::seconds(1));
    let late = team.invite_by(other, "late@example.com").await;
    assert!(matches!(late, Err(InviteCreateError::Grant(GrantError::Lacking(_)))), "expired: {late:?}");
}

#[tokio::test]
async fn who_is_limited_to_fewer_programs_keeps_what_they_granted_in_them() {
    let team = Team::new().await;
    let account = team.scope.account_id;
    let one = crate::api_keys::program(&team.world, account, "One").await;
    let other = crate::api_keys::program(&team.world, account, "Other").await;
    let adam = team.member("adam", Role::Admin).await;
    let by = (&team.scope, P::ALL);
    let act = team.act_of(adam.user_id);
    let conn = &mut *team.world.conn().await;
    let mut keys = Vec::new();
    for (name, programs) in
        [("one", vec![one]), ("other", vec![other]), ("both", vec![one, other]), ("all", vec![])]
    {
        let new = NewInvites {
            emails: vec![format!("{name}@example.com")],
            role: Role::Viewer,
            programs: programs.clone(),
            message: None,
        };
        Invite::create(conn, by, &new, team.rules(), &act).await.unwrap();
        let new = NewApiKey {
            name: name.to_owned(),
            permissions: vec![P::ProgramsRead],
            programs,
            expires_at: None,
            idempotency_key: None,
        };
        keys.push(ApiKey::create(conn, by.0, by.1, &new, &act).await.unwrap().key.id);
    }
    let fewer = MemberChanges { role: None, programs: Some(vec![one]) };
    Member::update(conn, by, adam.id, &fewer, &team.act_of(team.owner)).await.unwrap();
    let mut live = Vec::new();
    for key in keys {
        live.push(team.is_live(key).await);
    }
    assert_eq!(live, [true, false, false, false]);
    assert_eq!(team.world.count("invites WHERE status = 'PENDING' AND email = 'one@example.com'").await, 1);
    assert_eq!(team.world.count("invites WHERE status = 'REVOKED'").await, 3);
}

/// A key that may change the team and nothing else leaves alone whoever may do more.
#[tokio::test]
async fn nobody_changes_who_may_do_more_than_they() {
    let team = Team::new().await;
    let (adam, vera) = (team.member("adam", Role::Admin).await, team.member("vera", Role::Viewer).await);
    let key = team.key(Actor::User(team.owner), &[P::TeamWrite]).await.unwrap();
    let act = Act { actor: Actor::ApiKey(key), ..team.world.act() };
    let (conn, by) = (&mut *team.world.conn().await, (&team.scope, P::ALL));
    let demote = MemberChanges { role: Some(Role::Viewer), programs: None };
    for refused in [
        Member::remove(conn, by, adam.id, &act).await,
        Member::remove(conn, by, vera.id, &act).await,
        Member::update(conn, by, adam.id, &demote, &act).await,
    ] {
        assert!(matches!(refused, Err(MemberError::BeyondReach)), "{refused:?}");
    }
    assert_eq!(team.world.count("members").await, 5, "with the accounts of their own");
    team.remove_as(adam.user_id, vera.id).await.unwrap();
}

#[tokio::test]
async fn owners_are_changed_by_owners_and_nobody_grants_what_they_lack() {
    let team = Team::new().await;
    let adam = team.member("adam", Role::Admin).await;
    let (frank, mary) = (team.member("frank", Role::Finance).await, team.member("mary", Role::Manager).await);
    let second = team.member("second", Role::Owner).await;
    for refused in [
        team.remove_as(adam.user_id, second.id).await,
        team.update_as(adam.user_id, second.id, Role::Viewer).await,
        team.update_as(adam.user_id, frank.id, Role::Viewer).await,
    ] {
        assert!(matches!(refused, Err(MemberError::BeyondReach)), "{refused:?}");
    }
    let refused = team.update_as(adam.user_id, adam.id, Role::Owner).await.unwrap_err();
    assert!(matches!(refused, MemberError::Grant(GrantError::Lacking(_))), "{refused}");
    team.update_as(adam.user_id, mary.id, Role::Viewer).await.unwrap();
    team.remove_as(adam.user_id, mary.id).await.unwrap();
    team.update_as(team.owner, second.id, Role::Viewer).await.unwrap();
}

#[tokio::test]
async fn programs_limit_who_changes_whom() {
    let team = Team::new().await;
    let account = team.scope.account_id;
    let one = crate::api_keys::program(&team.world, account, "One").await;
    let other = crate::api_keys::program(&team.world, account, "Other").await;
    let viewer = team.member("vera", Role::Viewer).await;
    let conn = &mut *team.world.conn().await;
    let to = |programs| MemberChanges { role: None, programs: Some(programs) };
    let (whole, limited) = ((&team.scope, P::ALL), AccountScope::limited(account, vec![one]));
    let act = team.world.act();
    let refused = Member::update(conn, (&limited, P::ALL), viewer.id, &to(vec![one]), &act).await;
    assert!(matches!(refused, Err(MemberError::BeyondReach)), "she reaches all: {refused:?}");
    let changed = Member::update(conn, whole, viewer.id, &to(vec![other, one, one]), &act).await.unwrap();
    assert_eq!(changed.programs.len(), 2);
    let changed = Member::update(conn, whole, viewer.id, &to(vec![one]), &act).await.unwrap();
    assert_eq!(changed.programs, [one]);
    let refused = Member::update(conn, (&limited, P::ALL), viewer.id, &to(vec![]), &act).await;
    assert!(matches!(refused, Err(MemberError::Grant(GrantError::Limited))), "{refused:?}");
    let strange = team.world.ids.next(team.world.now);
    let refused = Member::update(conn, whole, viewer.id, &to(vec![strange]), &act).await;
    assert!(matches!(refused, Err(MemberError::Grant(GrantError::ProgramNotFound))), "{refused:?}");
    Member::remove(conn, (&limited, P::ALL), viewer.id, &act).await.unwrap();
    assert_eq!(team.world.count("member_programs").await, 0);
}

#[tokio::test]
async fn the_last_owner_stays() {
    let team = Team::new().await;
    let own = team.own_membership().await;
    assert!(matches!(team.remove_as(team.owner, own).await, Err(MemberError::LastOwner)));
    assert!(matches!(team.update_as(team.owner, own, Role::Admin).await, Err(MemberError::LastOwner)));
    assert!(matches!(team.leave(team.owner).await, Err(MemberError::LastOwner)));
    let second = team.member("second", Role::Owner).await;
    team.world.execute("UPDATE users SET status = 'DISABLED' WHERE name = 'second'").await;
    assert!(
        matches!(team.leave(team.owner).await, Err(MemberError::LastOwner)),
        "one who cannot log in is none"
    );
    team.world.execute("UPDATE users SET status = 'ACTIVE'").await;
    team.leave(team.owner).await.unwrap();
    assert!(matches!(team.leave(second.user_id).await, Err(MemberError::LastOwner)));
    assert!(matches!(team.leave(team.owner).await, Err(MemberError::NotFound)));
}

#[tokio::test]
async fn two_owners_who_remove_each_other_at_once_leave_one() {
    for _ in 0..5 {
        let team = Arc::new(Team::new().await);
        let second = team.member("second", Role::Owner).await;
        let own = team.own_membership().await;
        let one = tokio::spawn({
            let (team, id) = (Arc::clone(&team), second.id);
            async move { team.remove_as(team.owner, id).await }
        });
        let other = tokio::spawn({
            let (team, user) = (Arc::clone(&team), second.user_id);
            async move { team.remove_as(user, own).await }
        });
        let done = [one.await.unwrap(), other.await.unwrap()];
        assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1, "{done:?}");
        let account = ids::TypedId::uuid(team.scope.account_id);
        let owners = format!("members WHERE role = 'OWNER' AND account_id = '{account}'");
        assert_eq!(team.world.count(&owners).await, 1);
    }
}
