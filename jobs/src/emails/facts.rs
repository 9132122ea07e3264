use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::AsyncPgConnection;
use domain::{
    act::Actor,
    emails::{EmailMessage, EmailTemplate, Recipient},
    links::Link,
    partners::Partner,
    payout_batches::PayoutBatch,
    payout_methods::PayoutMethod,
    payouts::Payout,
    programs::Program,
    rewards::Reward,
    schema::users,
    team::{Role, invites::Invite},
    users::{User, UserStatus},
};
use ids::{
    AccountId, InviteId, PartnerId, PayoutBatchId, PayoutId, PayoutMethodId, RewardId, TransactionId, UserId,
};
use money::Currency;

use super::load;

/// What a slice of emails tells of. Rows of an account are found by its id and their own: an email never shows a row of
/// another account.
#[derive(Default)]
pub(super) struct Facts {
    pub users: HashMap<UserId, UserFacts>,
    /// Who is a member of which account, as what.
    pub members: HashMap<(AccountId, UserId), Role>,
    /// What accounts are called.
    pub accounts: HashMap<AccountId, AccountFacts>,
    pub invites: HashMap<(AccountId, InviteId), Invite>,
    pub partners: HashMap<(AccountId, PartnerId), PartnerFacts>,
    pub rewards: HashMap<(AccountId, RewardId), Reward>,
    pub sales: HashMap<(AccountId, TransactionId), SaleFacts>,
    pub payouts: HashMap<(AccountId, PayoutId), PayoutFacts>,
    pub methods: HashMap<(AccountId, PayoutMethodId), PayoutMethod>,
    pub batches: HashMap<(AccountId, PayoutBatchId), BatchFacts>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(super) struct UserFacts {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub status: UserStatus,
    pub verify_rotation: i32,
    pub verify_expires_at: Option<DateTime<Utc>>,
    pub reset_rotation: i32,
    pub reset_expires_at: Option<DateTime<Utc>>,
    pub new_email: Option<String>,
    pub email_rotation: i32,
    pub email_expires_at: Option<DateTime<Utc>>,
    /// Those before each change of the address.
    pub former_emails: Vec<String>,
}

impl UserFacts {
    /// The address that is to be told of the change that this is the email of.
    pub(super) fn former_email(&self, email: &EmailMessage) -> Option<&str> {
        let is_of = |(place, _): &(usize, &String)| {
            email.dedupe_key == User::email_changed_key(self.id, place.saturating_add(1))
        };
        let (_, address) = self.former_emails.iter().enumerate().find(is_of)?;
        Some(address)
    }

    /// Whether the address is proven.
    pub(super) fn is_verified(&self) -> bool {
        self.status != UserStatus::Unverified
    }
}

#[derive(Queryable)]
pub(super) struct AccountFacts {
    pub id: AccountId,
    pub name: String,
    pub time_zone: String,
}

/// A partner with the person behind it, its program, and the link to share, if it works.
#[derive(Queryable)]
pub(super) struct PartnerFacts {
    pub partner: Partner,
    pub name: String,
    pub email: String,
    pub program: Program,
    pub link: Option<Link>,
}

#[derive(Queryable)]
pub(super) struct SaleFacts {
    account_id: AccountId,
    id: TransactionId,
    pub currency: Currency,
    pub gross: i64,
    pub discount: i64,
    pub customer_key: String,
    pub program_name: String,
    pub partner_name: Option<String>,
}

/// A payout with who is paid, for what, and where it goes.
#[derive(Queryable)]
pub(super) struct PayoutFacts {
    pub payout: Payout,
    pub partner_name: String,
    pub program_name: String,
    pub method: String,
}

#[derive(Queryable)]
pub(super) struct BatchFacts {
    pub batch: PayoutBatch,
    pub program_name: String,
}

/// The ids that emails name.
#[derive(Default)]
pub(super) struct Named {
    pub accounts: Vec<AccountId>,
    pub users: Vec<UserId>,
    /// Whether somebody reads what the account is called.
    pub account_names: bool,
    pub invites: Vec<InviteId>,
    pub partners: Vec<PartnerId>,
    pub rewards: Vec<RewardId>,
    pub sales: Vec<TransactionId>,
    pub payouts: Vec<PayoutId>,
    pub methods: Vec<PayoutMethodId>,
    pub batches: Vec<PayoutBatchId>,
}

impl Facts {
    /// Loads what these emails tell of, as it is now: at most ten statements, however many there are.
    pub(super) async fn load(conn: &mut AsyncPgConnection, emails: &[EmailMessage]) -> QueryResult<Self> {
        let mut named = Named::by(emails);
        let mut facts = Self::default();
        if named.account_names {
            let rows = load::accounts(conn, &named).await?;
            facts.accounts = rows.into_iter().map(|row| (row.id, row)).collect();
        }
        if !named.invites.is_empty() {
            let rows = load::invites(conn, &named).await?;
            named.users.extend(rows.iter().filter_map(inviter));
            facts.invites = rows.into_iter().map(|row| ((row.account_id, row.id), row)).collect();
        }
        if !named.users.is_empty() {
            facts.users = load::users(conn, &named).await?.into_iter().map(|user| (user.id, user)).collect();
        }
        if !named.users.is_empty() && !named.accounts.is_empty() {
            let rows = load::members(conn, &named).await?;
            facts.members = rows.into_iter().map(|(account, user, role)| ((account, user), role)).collect();
        }
        if !named.partners.is_empty() {
            let rows = load::partners(conn, &named).await?;
            facts.partners =
                rows.into_iter().map(|row| ((row.partner.account_id, row.partner.id), row)).collect();
        }
        if !named.rewards.is_empty() {
            let rows = load::rewards(conn, &named).await?;
            facts.rewards = rows.into_iter().map(|row| ((row.account_id, row.id), row)).collect();
        }
        if !named.sales.is_empty() {
            let rows = load::sales(conn, &named).await?;
            facts.sales = rows.into_iter().map(|row| ((row.account_id, row.id), row)).collect();
        }
        facts.load_payouts(conn, &named).await?;
        Ok(facts)
    }

    async fn load_payouts(&mut self, conn: &mut AsyncPgConnection, named: &Named) -> QueryResult<()> {
        if !named.payouts.is_empty() {
            let rows = load::payouts(conn, named).await?;
            self.payouts =
                rows.into_iter().map(|row| ((row.payout.account_id, row.payout.id), row)).collect();
        }
        if !named.methods.is_empty() {
            let rows = load::methods(conn, named).await?;
            self.methods = rows.into_iter().map(|row| ((row.account_id, row.id), row)).collect();
        }
        if !named.batches.is_empty() {
            let rows = load::batches(conn, named).await?;
            self.batches = rows.into_iter().map(|row| ((row.batch.account_id, row.batch.id), row)).collect();
        }
        Ok(())
    }

    pub(super) fn recipient_user(&self, email: &EmailMessage) -> Option<&UserFacts> {
        match email.recipient {
            Recipient::User(id) => self.users.get(&id),
            Recipient::Partner(_) | Recipient::Invite(_) => None,
        }
    }

    pub(super) fn recipient_partner(&self, email: &EmailMessage) -> Option<&PartnerFacts> {
        match email.recipient {
            Recipient::Partner(id) => self.partners.get(&(email.account_id?, id)),
            Recipient::User(_) | Recipient::Invite(_) => None,
        }
    }

    pub(super) fn recipient_invite(&self, email: &EmailMessage) -> Option<&Invite> {
        match email.recipient {
            Recipient::Invite(id) => self.invites.get(&(email.account_id?, id)),
            Recipient::User(_) | Recipient::Partner(_) => None,
        }
    }

    pub(super) fn invite(&self, email: &EmailMessage) -> Option<&Invite> {
        self.invites.get(&(email.account_id?, email.subject.parse().ok()?))
    }

    /// What the inviter calls themselves; none of a machine.
    pub(super) fn inviter_name(&self, invite: &Invite) -> Option<&str> {
        let user = self.users.get(&inviter(invite)?)?;
        Some(user.name.as_str()).filter(|name| !name.is_empty())
    }

    pub(super) fn account(&self, email: &EmailMessage) -> Option<&AccountFacts> {
        self.accounts.get(&email.account_id?)
    }

    /// What the recipient is in the account on whose behalf the email is sent.
    pub(super) fn role(&self, email: &EmailMessage) -> Option<Role> {
        match email.recipient {
            Recipient::User(id) => self.members.get(&(email.account_id?, id)).copied(),
            Recipient::Partner(_) | Recipient::Invite(_) => None,
        }
    }

    pub(super) fn partner(&self, email: &EmailMessage) -> Option<&PartnerFacts> {
        self.partners.get(&(email.account_id?, email.subject.parse().ok()?))
    }

    pub(super) fn reward(&self, email: &EmailMessage) -> Option<&Reward> {
        self.rewards.get(&(email.account_id?, email.subject.parse().ok()?))
    }

    pub(super) fn sale(&self, email: &EmailMessage) -> Option<&SaleFacts> {
        self.sales.get(&(email.account_id?, email.subject.parse().ok()?))
    }
}

impl Facts {
    pub(super) fn payout(&self, email: &EmailMessage) -> Option<&PayoutFacts> {
        self.payouts.get(&(email.account_id?, email.subject.parse().ok()?))
    }

    pub(super) fn method(&self, email: &EmailMessage) -> Option<&PayoutMethod> {
        self.methods.get(&(email.account_id?, email.subject.parse().ok()?))
    }

    pub(super) fn batch(&self, email: &EmailMessage) -> Option<&BatchFacts> {
        self.batches.get(&(email.account_id?, email.subject.parse().ok()?))
    }
}

/// The person who invited.
fn inviter(invite: &Invite) -> Option<UserId> {
    match invite.invited_by.parse() {
        Ok(Actor::User(id)) => Some(id),
        _ => None,
    }
}

impl Named {
    fn by(emails: &[EmailMessage]) -> Self {
        let mut named = Self::default();
        for email in emails {
            named.accounts.extend(email.account_id);
            match email.recipient {
                Recipient::User(id) => named.users.push(id),
                Recipient::Partner(id) => named.partners.push(id),
                Recipient::Invite(id) => named.invites.push(id),
            }
            let subject = &email.subject;
            match email.template {
                EmailTemplate::UserVerify
                | EmailTemplate::UserExists
                | EmailTemplate::PasswordReset
                | EmailTemplate::PasswordChanged
                | EmailTemplate::EmailChange
                | EmailTemplate::EmailChangeAsked
                | EmailTemplate::EmailChanged => {}
                EmailTemplate::PayoutRequested
                | EmailTemplate::PayoutApproved
                | EmailTemplate::PayoutRejected
                | EmailTemplate::PayoutCancelled
                | EmailTemplate::PayoutChangesRequested
                | EmailTemplate::PayoutPaid
                | EmailTemplate::PayoutFailed
                | EmailTemplate::PayoutReturned => named.payouts.extend(subject.parse::<PayoutId>()),
                EmailTemplate::PayoutMethodChanged | EmailTemplate::PayoutMethodArchived => {
                    named.methods.extend(subject.parse::<PayoutMethodId>());
                }
                EmailTemplate::PayoutBatchFrozen | EmailTemplate::PayoutBatchCompleted => {
                    named.batches.extend(subject.parse::<PayoutBatchId>());
                }
                EmailTemplate::Invite | EmailTemplate::MemberRemoved => named.account_names = true,
                EmailTemplate::InviteAccepted => {
                    named.account_names = true;
                    named.invites.extend(subject.parse::<InviteId>());
                }
                EmailTemplate::RewardCreated => named.rewards.extend(subject.parse::<RewardId>()),
                EmailTemplate::SaleRecorded => named.sales.extend(subject.parse::<TransactionId>()),
                EmailTemplate::PartnerApplied
                | EmailTemplate::PartnerApproved
                | EmailTemplate::PartnerRejected => named.partners.extend(subject.parse::<PartnerId>()),
            }
        }
        named.accounts.sort_unstable();
        named.accounts.dedup();
        named
    }
}
