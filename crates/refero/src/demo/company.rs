use anyhow::{Context, bail};
use chrono::TimeDelta;
use domain::{
    accounts::{Account, AccountChanges},
    act::Actor,
    scope::AccountScope,
    team::{
        Permission, Role,
        invites::{Invite, InviteOutcome, InvitesPerDay, NewInvites},
    },
    users::{Secrets, User},
};
use ids::{ProgramId, UserId};

use super::{Refused, log_ins::Hashed, past::Past, programs::Open};

/// The company, and who works there.
pub struct Company {
    pub scope: AccountScope,
    members: Vec<(Role, UserId)>,
}

impl Company {
    /// Whoever has this role.
    pub fn actor(&self, role: Role) -> Actor {
        let member = self.members.iter().find(|member| member.0 == role);
        member.map_or(Actor::System, |member| Actor::User(member.1))
    }
}

/// The account and its owner.
pub async fn found(past: &mut Past<'_>, team: &[Hashed]) -> anyhow::Result<Company> {
    let owner = team.first().context("a company has an owner")?;
    let names = (owner.email, owner.name, "Crema Coffee");
    let founded = User::found(past.conn, names, &owner.password_hash, &past.act).await?;
    // Another demo was loaded meanwhile.
    let (user_id, account_id) = founded.ok_or(Refused::Loaded)?;
    let scope = AccountScope::whole(account_id);
    let changes = AccountChanges {
        name: None,
        base_currency: Some("EUR".parse()?),
        time_zone: Some("Europe/Berlin".to_owned()),
        country: Some("DE".to_owned()),
        company: Some("Crema Coffee GmbH".to_owned()),
        address: Some("Lagerstraße 4\n20357 Hamburg\nGermany".to_owned()),
        tax_id: None,
        locale: Some("en".to_owned()),
    };
    let act = past.at(past.start, Actor::User(user_id));
    Account::update(past.conn, &scope, &changes, &act).await?;
    Ok(Company { scope, members: vec![(Role::Owner, user_id)] })
}

/// The rest of the team is invited, and accepts within hours; the manager runs the first program only.
pub async fn hire(
    past: &mut Past<'_>,
    company: &mut Company,
    programs: &[Open],
    team: &[Hashed],
    secrets: &Secrets,
) -> anyhow::Result<()> {
    let first: Vec<ProgramId> = programs.iter().map(|open| open.program.id).take(1).collect();
    for (hours, person) in (1..).zip(team.iter().skip(1)) {
        let limit = if person.role == Role::Manager { first.clone() } else { Vec::new() };
        let emails = vec![person.email.to_owned()];
        let new = NewInvites { emails, role: person.role, programs: limit, message: None };
        let invite = invite(past, company, &new, secrets, TimeDelta::hours(hours)).await?;
        let token = secrets.invite_token(invite.id, invite.rotation);
        let act = past.at(past.start + TimeDelta::hours(hours + 1), Actor::System);
        let who = (person.name, person.password_hash.as_str());
        let accepted = Invite::accept_as_new(past.conn, token.expose(), who, &act).await?;
        company.members.push((person.role, accepted.membership.member.user_id));
    }
    Ok(())
}

/// Two more are invited and have not answered yet.
pub async fn invite_more(
    past: &mut Past<'_>,
    company: &Company,
    programs: &[Open],
    secrets: &Secrets,
) -> anyhow::Result<()> {
    let last: Vec<ProgramId> = programs.iter().map(|open| open.program.id).skip(2).collect();
    let message = Some("Welcome to Crema: your desk is by the window.".to_owned());
    let people =
        [("books@crema.example", Role::Finance, Vec::new()), ("tokyo@crema.example", Role::Manager, last)];
    let since = past.now - past.start - TimeDelta::days(2);
    for (email, role, programs) in people {
        let new = NewInvites { emails: vec![email.to_owned()], role, programs, message: message.clone() };
        invite(past, company, &new, secrets, since).await?;
    }
    Ok(())
}

async fn invite(
    past: &mut Past<'_>,
    company: &Company,
    new: &NewInvites,
    secrets: &Secrets,
    since_start: TimeDelta,
) -> anyhow::Result<Invite> {
    let act = past.at(past.start + since_start, company.actor(Role::Owner));
    let held = (&company.scope, Permission::ALL);
    let rules = (secrets, InvitesPerDay::default());
    let invited = Invite::create(past.conn, held, new, rules, &act).await?.pop();
    match invited.map(|invited| invited.outcome) {
        Some(InviteOutcome::Created(invite)) => Ok(invite),
        other => bail!("{:?} was not invited: {other:?}", new.emails),
    }
}
