//! How much may be sent by invites, and what of them is shown to whoever reaches less.

use chrono::TimeDelta;
use domain::{
    act::{Act, Actor},
    scope::AccountScope,
    team::{
        Permission as P, Role,
        invites::{
            Invite, InviteCreateError, InviteOutcome, InviteResendError, InviteRevokeError, Invited,
            InvitesPerDay, NewInvites, SENDS,
        },
    },
};

use crate::invites::{Team, outcomes};

fn viewers(emails: &[&str]) -> NewInvites {
    let emails = emails.iter().map(ToString::to_string).collect();
    NewInvites { emails, role: Role::Viewer, programs: Vec::new(), message: None }
}

async fn at_most(team: &Team, most: u32, emails: &[&str]) -> Result<Vec<Invited>, InviteCreateError> {
    let (rules, act) = ((&team.secrets, InvitesPerDay::most(most)), team.act_of(team.owner));
    let conn = &mut *team.world.conn().await;
    Invite::create(conn, (&team.scope, P::ALL), &viewers(emails), rules, &act).await
}

#[tokio::test]
async fn an_account_invites_so_many_within_a_day() {
    let mut team = Team::new().await;
    at_most(&team, 3, &["a@example.com", "b@example.com"]).await.unwrap();
    let too_many = at_most(&team, 3, &["c@example.com", "d@example.com"]).await.unwrap_err();
    assert!(matches!(too_many, InviteCreateError::TooMany { most: 3, left: 1 }), "{too_many}");
    let again = ["a@example.com", "b@example.com", "olivia@example.com", "c@example.com"];
    let invited = at_most(&team, 3, &again).await.unwrap();
    assert_eq!(outcomes(&invited)[3], "c@example.com created", "only who is new counts");
    at_most(&team, 3, &again).await.unwrap();
    let Some(InviteOutcome::Created(invite)) = invited.into_iter().next_back().map(|last| last.outcome)
    else {
        panic!("not created")
    };
    let (by, act) = ((&team.scope, P::ALL), team.act_of(team.owner));
    Invite::revoke(&mut *team.world.conn().await, by, invite.id, &act).await.unwrap();
    let too_many = at_most(&team, 3, &["d@example.com"]).await.unwrap_err();
    assert!(matches!(too_many, InviteCreateError::TooMany { most: 3, left: 0 }), "{too_many}");
    assert_eq!(team.world.count("invites").await, 3);
    at_most(&team, 0, &["d@example.com"]).await.unwrap();
    team.world.pass(TimeDelta::days(1));
    at_most(&team, 3, &["e@example.com", "f@example.com", "g@example.com"]).await.unwrap();
}

/// The tenth invite to the address is there, and cannot be sent again before a day is over.
#[tokio::test]
async fn invites_made_anew_and_sent_again_are_counted_together() {
    let mut team = Team::new().await;
    let (by, act) = ((&team.scope, P::ALL), team.act_of(team.owner));
    for _ in 1..SENDS {
        let invite = team.invite("ada@example.com").await;
        Invite::revoke(&mut *team.world.conn().await, by, invite.id, &act).await.unwrap();
    }
    let last = team.invite("ada@example.com").await;
    let invited = team.invite_as(team.owner, Role::Viewer, &["ada@example.com"]).await.unwrap();
    assert_eq!(outcomes(&invited), ["ada@example.com pending"], "it is there, whatever the count");
    let resend = async |team: &Team| {
        let (by, act) = ((&team.scope, P::ALL), team.act_of(team.owner));
        Invite::resend(&mut *team.world.conn().await, by, last.id, &team.secrets, &act).await
    };
    team.world.pass(TimeDelta::minutes(1));
    let refused = resend(&team).await.unwrap_err();
    assert!(matches!(refused, InviteResendError::Limited), "{refused}");
    team.world.pass(TimeDelta::days(1));
    assert_eq!(resend(&team).await.unwrap().send_count, 2);
}

#[tokio::test]
async fn an_invite_beyond_ones_reach_is_told_and_not_shown() {
    let team = Team::new().await;
    let account = team.scope.account_id;
    let one = crate::api_keys::program(&team.world, account, "One").await;
    team.invite("ada@example.com").await;
    let limited = AccountScope::limited(account, vec![one]);
    let act = team.world.act();
    for (scope, is_shown) in [(&limited, false), (&team.scope, true)] {
        let new = NewInvites { programs: vec![one], ..viewers(&["ada@example.com", "bob@example.com"]) };
        let conn = &mut *team.world.conn().await;
        let invited = Invite::create(conn, (scope, P::ALL), &new, team.rules(), &act).await.unwrap();
        assert_eq!(outcomes(&invited)[0], "ada@example.com pending");
        let InviteOutcome::Pending(shown) = &invited[0].outcome else { panic!("{invited:?}") };
        assert_eq!(shown.is_some(), is_shown);
        let bob = matches!(&invited[1].outcome, InviteOutcome::Created(_) | InviteOutcome::Pending(Some(_)));
        assert!(bob, "who reaches as much is shown: {invited:?}");
    }
}

/// A key that may change the team and nothing else.
#[tokio::test]
async fn nobody_takes_back_an_invite_that_they_could_not_make() {
    let team = Team::new().await;
    let invite = team.invite("ada@example.com").await;
    let (held, act) = (&[P::TeamWrite][..], Act { actor: Actor::System, ..team.world.act() });
    let conn = &mut *team.world.conn().await;
    let refused = Invite::revoke(conn, (&team.scope, held), invite.id, &act).await.unwrap_err();
    assert!(matches!(refused, InviteRevokeError::BeyondReach), "{refused}");
    Invite::revoke(conn, (&team.scope, Role::Manager.permissions()), invite.id, &act).await.unwrap();
}
