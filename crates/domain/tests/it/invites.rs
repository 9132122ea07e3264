use chrono::TimeDelta;
use domain::{
    act::{Act, Actor},
    scope::AccountScope,
    subscribers,
    team::{
        GrantError, Member, Membership, NewMember, Permission as P, Role,
        invites::{
            AcceptError, Acceptance, Accepted, Invite, InviteCreateError, InviteDelivery, InviteOutcome,
            InviteResendError, InviteRevokeError, InviteStatus, Invited, InvitesPerDay, NewInvites, SENDS,
        },
    },
    users::{Passwords, Registration, Secrets, User, UserStatus},
};
use ids::{InviteId, UserId};

use crate::support::World;

pub const PASSWORD: &str = "correct horse battery";

/// An account with an owner, and what its verbs need.
pub struct Team {
    pub world: World,
    pub scope: AccountScope,
    pub owner: UserId,
    pub passwords: Passwords,
    pub secrets: Secrets,
}

impl Team {
    pub async fn new() -> Self {
        let (world, passwords) = (World::new().await, Passwords::for_testing().unwrap());
        let said = ("olivia@example.com", "Olivia", "Acme");
        let owner = User::create_owner(&world.db, &passwords, said, &world.act()).await.unwrap().user;
        let memberships = Membership::of_user(&mut *world.conn().await, owner.id).await.unwrap();
        let scope = AccountScope::whole(memberships[0].account.id);
        let secrets = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff".parse().unwrap();
        Self { world, scope, owner: owner.id, passwords, secrets }
    }

    pub fn act_of(&self, user: UserId) -> Act {
        Act { actor: Actor::User(user), ..self.world.act() }
    }

    /// A user who may log in, of another account.
    pub async fn user(&self, name: &str) -> UserId {
        let email = format!("{name}@example.com");
        let said = (email.as_str(), name, name);
        User::create_owner(&self.world.db, &self.passwords, said, &self.world.act()).await.unwrap().user.id
    }

    /// The same, who is a member of this account.
    pub async fn member(&self, name: &str, role: Role) -> Member {
        let (user_id, at) = (self.user(name).await, self.world.now);
        let account_id = self.scope.account_id;
        let id = self.world.ids.next(at);
        let new = NewMember { id, account_id, user_id, role, created_at: at, updated_at: at };
        new.join(&mut *self.world.conn().await, &[], "test", &self.world.act()).await.unwrap()
    }

    pub async fn invite_as(
        &self,
        user: UserId,
        role: Role,
        emails: &[&str],
    ) -> Result<Vec<Invited>, InviteCreateError> {
        let emails = emails.iter().map(ToString::to_string).collect();
        let new = NewInvites { emails, role, programs: Vec::new(), message: None };
        let by = (&self.scope, P::ALL);
        Invite::create(&mut *self.world.conn().await, by, &new, self.rules(), &self.act_of(user)).await
    }

    pub fn rules(&self) -> (&Secrets, InvitesPerDay) {
        (&self.secrets, InvitesPerDay::default())
    }

    pub async fn invite(&self, email: &str) -> Invite {
        let mut invited = self.invite_as(self.owner, Role::Manager, &[email]).await.unwrap();
        let InviteOutcome::Created(invite) = invited.remove(0).outcome else { panic!("not created") };
        invite
    }

    pub fn token(&self, id: InviteId, rotation: i32) -> String {
        self.secrets.invite_token(id, rotation).expose().to_owned()
    }

    pub async fn accept(&self, token: &str, viewer: Option<UserId>) -> Result<Accepted, AcceptError> {
        let said = Acceptance {
            token: token.to_owned(),
            name: Some("Ada".to_owned()),
            password: Some(PASSWORD.to_owned()),
            viewer,
            user_agent: None,
            admits_new_users: true,
        };
        Invite::accept(&self.world.db, &self.passwords, &said, &self.world.act()).await
    }

    async fn resend(&self, id: InviteId) -> Result<Invite, InviteResendError> {
        let (by, act) = ((&self.scope, P::ALL), self.act_of(self.owner));
        Invite::resend(&mut *self.world.conn().await, by, id, &self.secrets, &act).await
    }

    async fn revoke(&self, id: InviteId) -> Result<Invite, InviteRevokeError> {
        let (by, act) = ((&self.scope, P::ALL), self.act_of(self.owner));
        Invite::revoke(&mut *self.world.conn().await, by, id, &act).await
    }

    async fn sequence(&self) {
        let world = &self.world;
        subscribers::sequence(&mut *world.conn().await, world.now, &world.ids).await.unwrap();
    }
}

pub fn outcomes(invited: &[Invited]) -> Vec<String> {
    let word = |outcome: &InviteOutcome| match outcome {
        InviteOutcome::Created(_) => "created",
        InviteOutcome::Pending(_) => "pending",
        InviteOutcome::Member => "member",
        InviteOutcome::Limited => "limited",
    };
    invited.iter().map(|one| format!("{} {}", one.email, word(&one.outcome))).collect()
}

#[tokio::test]
async fn each_address_is_answered_and_none_is_invited_twice() {
    let team = Team::new().await;
    team.invite("ada@example.com").await;
    let said = ["Bob@Example.com", "ada@EXAMPLE.com", "olivia@example.com", " bob@example.com "];
    let invited = team.invite_as(team.owner, Role::Viewer, &said).await.unwrap();
    assert_eq!(
        outcomes(&invited),
        ["bob@example.com created", "ada@example.com pending", "olivia@example.com member"]
    );
    let again = team.invite_as(team.owner, Role::Viewer, &said).await.unwrap();
    assert_eq!(outcomes(&again)[0], "bob@example.com pending");
    let world = &team.world;
    assert_eq!(world.count("invites WHERE status = 'PENDING' AND role = 'MANAGER'").await, 1, "ada's stays");
    assert_eq!(world.count("events WHERE kind = 'invite.created'").await, 2);
    assert_eq!(world.count("audit_entries WHERE action = 'inviteCreate'").await, 2);
    team.sequence().await;
    assert_eq!(world.count("email_messages WHERE template = 'invite' AND recipient LIKE 'inv_%'").await, 2);
    for table in ["events", "jobs", "email_messages", "audit_entries"] {
        assert_eq!(
            world.count(&format!("{table} t WHERE t::text ILIKE '%@example.com%'")).await,
            0,
            "{table}"
        );
    }
    let token = team.token(invited_id(&invited[0]), 1);
    for table in ["invites", "events", "jobs", "email_messages", "audit_entries"] {
        assert_eq!(world.count(&format!("{table} t WHERE t::text LIKE '%{token}%'")).await, 0, "{table}");
    }
}

fn invited_id(invited: &Invited) -> InviteId {
    match &invited.outcome {
        InviteOutcome::Created(invite) => invite.id,
        InviteOutcome::Pending(_) | InviteOutcome::Member | InviteOutcome::Limited => panic!("not created"),
    }
}

#[tokio::test]
async fn all_that_is_wrong_is_said_at_once_and_nobody_is_invited() {
    let team = Team::new().await;
    let new = NewInvites {
        emails: ["ok@example.com", "nobody", "", "a@b"].map(str::to_owned).to_vec(),
        role: Role::Viewer,
        programs: Vec::new(),
        message: Some("https://evil.example".to_owned()),
    };
    let (by, act) = ((&team.scope, P::ALL), team.act_of(team.owner));
    let conn = &mut *team.world.conn().await;
    let refused = Invite::create(conn, by, &new, team.rules(), &act).await.unwrap_err();
    let InviteCreateError::Invalid(problems) = refused else { panic!("{refused}") };
    let paths: Vec<_> = problems.iter().map(|problem| problem.path.join(".")).collect();
    assert_eq!(paths, ["emails.1", "emails.2", "emails.3", "message"]);
    let many = vec!["a@example.com".to_owned(); 501];
    for emails in [Vec::new(), many] {
        let new = NewInvites { emails, message: None, ..new.clone() };
        let refused = Invite::create(conn, by, &new, team.rules(), &act).await.unwrap_err();
        assert!(matches!(&refused, InviteCreateError::Invalid(fields) if fields[0].path == ["emails"]));
    }
    assert_eq!(team.world.count("invites").await, 0);
}

#[tokio::test]
async fn nobody_invites_to_more_than_they_may() {
    let team = Team::new().await;
    let admin = team.member("adam", Role::Admin).await;
    let refused = team.invite_as(admin.user_id, Role::Owner, &["x@example.com"]).await.unwrap_err();
    let InviteCreateError::Grant(GrantError::Lacking(lacks)) = refused else { panic!("{refused}") };
    assert_eq!(lacks, [P::BillingWrite]);
    team.invite_as(admin.user_id, Role::Admin, &["x@example.com"]).await.unwrap();
    let gone = team.user("gone").await;
    let refused = team.invite_as(gone, Role::Viewer, &["y@example.com"]).await.unwrap_err();
    assert!(matches!(refused, InviteCreateError::Grant(GrantError::Lacking(_))), "no member: {refused}");

    let program = crate::api_keys::program(&team.world, team.scope.account_id, "One").await;
    let other = crate::api_keys::program(&team.world, team.scope.account_id, "Other").await;
    let limited = AccountScope::limited(team.scope.account_id, vec![program]);
    let conn = &mut *team.world.conn().await;
    let act = team.world.act();
    for (role, programs, expected) in [
        (Role::Viewer, vec![], Some(GrantError::Limited)),
        (Role::Viewer, vec![other], Some(GrantError::ProgramNotFound)),
        (Role::Owner, vec![program], Some(GrantError::OwnerLimited)),
        (Role::Viewer, vec![program], None),
    ] {
        let new = NewInvites { emails: vec!["z@example.com".to_owned()], role, programs, message: None };
        let done = Invite::create(conn, (&limited, P::ALL), &new, team.rules(), &act).await;
        match (done, expected) {
            (Ok(_), None) => {}
            (Err(InviteCreateError::Grant(error)), Some(expected)) => assert_eq!(error, expected),
            (done, expected) => panic!("{done:?}, {expected:?}"),
        }
    }
    assert_eq!(team.world.count("invite_programs").await, 1);
}

#[tokio::test]
async fn a_stranger_becomes_a_user_by_their_link_once() {
    let team = Team::new().await;
    let invite = team.invite("ada@example.com").await;
    let token = team.token(invite.id, 1);
    let accepted = team.accept(&token, None).await.unwrap();
    let opened = accepted.opened.unwrap();
    assert_eq!((opened.user.email.as_str(), opened.user.status), ("ada@example.com", UserStatus::Active));
    assert_eq!(accepted.membership.member.role, Role::Manager);
    let again = team.accept(&token, None).await.unwrap_err();
    assert!(matches!(again, AcceptError::WrongState { current: InviteStatus::Accepted }), "{again}");
    assert!(matches!(team.accept("nonsense", None).await, Err(AcceptError::NotFound)));
    for kind in ["invite.accepted", "member.joined"] {
        assert_eq!(team.world.count(&format!("events WHERE kind = '{kind}'")).await, 1, "{kind}");
    }
    team.sequence().await;
    let told = format!("email_messages WHERE template = 'invite_accepted' AND recipient = '{}'", team.owner);
    assert_eq!(team.world.count(&told).await, 1);
}

#[tokio::test]
async fn whoever_has_a_user_must_be_logged_in_as_that_user() {
    let team = Team::new().await;
    let ada = team.user("ada").await;
    let token = team.token(team.invite("ada@example.com").await.id, 1);
    assert!(matches!(team.accept(&token, None).await, Err(AcceptError::LogInFirst)));
    assert!(matches!(team.accept(&token, Some(team.owner)).await, Err(AcceptError::SomebodyElse)));
    let accepted = team.accept(&token, Some(ada)).await.unwrap();
    assert!(accepted.opened.is_none() && accepted.membership.member.user_id == ada);
    let token = team.token(team.invite("bob@example.com").await.id, 1);
    assert!(matches!(team.accept(&token, Some(ada)).await, Err(AcceptError::SomebodyElse)), "not ada's");
    team.user("bob").await;
    team.world.execute("UPDATE users SET status = 'DISABLED' WHERE email LIKE 'bob%'").await;
    assert!(matches!(team.accept(&token, None).await, Err(AcceptError::Disabled)));
}

/// Somebody else registered the address and waits for its owner to click.
#[tokio::test]
async fn a_registration_that_nobody_proved_gives_way_to_whoever_reads_the_mail() {
    let team = Team::new().await;
    let registration = Registration {
        email: "ada@example.com".to_owned(),
        password: "password of a stranger".to_owned(),
        name: Some("Stranger".to_owned()),
        account_name: "Strange".to_owned(),
    };
    let keys = (&team.passwords, &team.secrets);
    User::register(&team.world.db, keys, &registration, &team.world.act()).await.unwrap();
    let token = team.token(team.invite("ada@example.com").await.id, 1);
    let user = team.accept(&token, None).await.unwrap().opened.unwrap().user;
    assert_eq!((user.name.as_str(), user.status), ("Ada", UserStatus::Active));
    assert_eq!(team.world.count("users WHERE email LIKE 'ada%' AND verify_token_hash IS NULL").await, 1);
    assert_eq!(team.world.count("users WHERE email LIKE 'ada%' AND password_version = 2").await, 1);
    let noted = format!("audit_entries WHERE action = 'registrationTakeOver' AND target = '{}'", user.id);
    assert_eq!(team.world.count(&noted).await, 1);
}

#[tokio::test]
async fn an_instance_that_takes_nobody_new_still_lets_users_join() {
    let team = Team::new().await;
    let ada = team.user("ada").await;
    for (email, viewer, joins) in [("new@example.com", None, false), ("ada@example.com", Some(ada), true)] {
        let said = Acceptance {
            token: team.token(team.invite(email).await.id, 1),
            name: None,
            password: Some(PASSWORD.to_owned()),
            viewer,
            user_agent: None,
            admits_new_users: false,
        };
        let done = Invite::accept(&team.world.db, &team.passwords, &said, &team.world.act()).await;
        assert_eq!(done.is_ok(), joins, "{email}");
        assert!(joins || matches!(done, Err(AcceptError::Closed)));
    }
}

#[tokio::test]
async fn a_resend_makes_a_new_link_now_and_then_and_revives_what_expired() {
    let mut team = Team::new().await;
    let invite = team.invite("ada@example.com").await;
    let too_soon = team.resend(invite.id).await.unwrap_err();
    let again_at = team.world.now + TimeDelta::minutes(1);
    assert!(matches!(too_soon, InviteResendError::TooSoon { again_at: at } if at == again_at), "{too_soon}");
    team.world.pass(TimeDelta::days(8));
    let first = team.token(invite.id, 1);
    assert!(
        matches!(team.accept(&first, None).await, Err(AcceptError::Expired)),
        "before anybody wrote it down"
    );
    assert_eq!(Invite::expire_due(&mut *team.world.conn().await, &team.world.act()).await.unwrap(), 1);
    assert_eq!(Invite::expire_due(&mut *team.world.conn().await, &team.world.act()).await.unwrap(), 0);
    let sent = team.resend(invite.id).await.unwrap();
    assert_eq!((sent.status, sent.rotation, sent.send_count), (InviteStatus::Pending, 2, 2));
    assert!(matches!(team.accept(&first, None).await, Err(AcceptError::NotFound)), "the old link is dead");
    for _ in 2..SENDS {
        team.world.pass(TimeDelta::minutes(1));
        team.resend(invite.id).await.unwrap();
    }
    team.world.pass(TimeDelta::days(1));
    assert!(matches!(team.resend(invite.id).await, Err(InviteResendError::TooOften)));
    team.sequence().await;
    assert_eq!(team.world.count("email_messages WHERE template = 'invite'").await, i64::from(SENDS));
    team.accept(&team.token(invite.id, SENDS), None).await.unwrap();
    assert!(matches!(team.resend(invite.id).await, Err(InviteResendError::WrongState { .. })));
}

/// Taking an invite back and making it anew is no way around the limit of sends.
#[tokio::test]
async fn an_address_is_not_written_to_without_end() {
    let mut team = Team::new().await;
    for _ in 0..SENDS {
        let invite = team.invite("ada@example.com").await;
        team.revoke(invite.id).await.unwrap();
    }
    let said = ["ada@example.com", "bob@example.com"];
    let invited = team.invite_as(team.owner, Role::Viewer, &said).await.unwrap();
    assert_eq!(outcomes(&invited), ["ada@example.com limited", "bob@example.com created"]);
    team.world.pass(TimeDelta::days(1));
    let invited = team.invite_as(team.owner, Role::Viewer, &said).await.unwrap();
    assert_eq!(outcomes(&invited), ["ada@example.com created", "bob@example.com pending"]);
}

#[tokio::test]
async fn an_expired_invite_gives_way_to_a_new_one_at_once() {
    let mut team = Team::new().await;
    let old = team.invite("ada@example.com").await;
    team.world.pass(TimeDelta::days(7));
    let new = team.invite("ada@example.com").await;
    assert_ne!(old.id, new.id);
    assert_eq!(team.world.count("events WHERE kind = 'invite.expired'").await, 1);
    assert!(matches!(team.resend(old.id).await, Err(InviteResendError::Taken)));
    team.accept(&team.token(new.id, 1), None).await.unwrap();
    assert!(matches!(team.resend(old.id).await, Err(InviteResendError::Member)));
}

#[tokio::test]
async fn a_revoked_invite_is_dead() {
    let team = Team::new().await;
    let invite = team.invite("ada@example.com").await;
    let stranger = AccountScope::whole(team.world.ids.next(team.world.now));
    let conn = &mut *team.world.conn().await;
    assert!(Invite::revoke(conn, (&stranger, P::ALL), invite.id, &team.world.act()).await.is_err());
    assert_eq!(team.revoke(invite.id).await.unwrap().status, InviteStatus::Revoked);
    let again = team.revoke(invite.id).await.unwrap_err();
    assert!(matches!(again, InviteRevokeError::WrongState { current: InviteStatus::Revoked }));
    let dead = team.accept(&team.token(invite.id, 1), None).await.unwrap_err();
    assert!(matches!(dead, AcceptError::WrongState { current: InviteStatus::Revoked }));
    team.invite("ada@example.com").await;
    assert_eq!(Invite::count_pending(conn, &team.scope, 10).await.unwrap(), 1);
}

#[tokio::test]
async fn what_became_of_an_older_email_says_nothing_of_the_newer_link() {
    use domain::{
        action_items::{ActionItem, ActionItemKind},
        team::invites::{Delivered, note_deliveries},
    };
    let mut team = Team::new().await;
    let invite = team.invite("ada@example.com").await;
    team.world.pass(TimeDelta::minutes(1));
    team.resend(invite.id).await.unwrap();
    let conn = &mut *team.world.conn().await;
    let bounced = |rotation| Delivered {
        invite_id: invite.id,
        email_key: Invite::email_key(invite.id, rotation),
        delivery: InviteDelivery::Bounced,
        error: Some("550 no such user".to_owned()),
    };
    for (rotation, expected) in [(1, 0), (2, 1)] {
        note_deliveries(conn, &[bounced(rotation)], &team.world.act()).await.unwrap();
        let kinds = [ActionItemKind::InvitesBounced];
        let open = ActionItem::open(conn, &team.scope, &kinds, 10, team.world.now).await.unwrap();
        let open: Vec<_> = open.iter().map(|item| (item.count, item.oldest_at)).collect();
        assert_eq!(open, vec![(1, team.world.now); expected as usize], "{rotation}");
        assert_eq!(team.world.count("events WHERE kind = 'invite.bounced'").await, expected);
    }
}
