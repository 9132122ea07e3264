use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::AsyncPgConnection;
use domain::{
    emails::{EmailMessage, EmailTemplate, Recipient},
    links::Link,
    partners::Partner,
    programs::Program,
    rewards::Reward,
    schema::users,
    users::UserStatus,
};
use ids::{AccountId, PartnerId, RewardId, TransactionId, UserId};
use money::Currency;

use super::load;

/// What a slice of emails tells of. Rows of an account are found by its id and their own: an email never shows a row of
/// another account.
#[derive(Default)]
pub(super) struct Facts {
    pub users: HashMap<UserId, UserFacts>,
    /// Who owns which account.
    pub owners: HashSet<(AccountId, UserId)>,
    pub partners: HashMap<(AccountId, PartnerId), PartnerFacts>,
    pub rewards: HashMap<(AccountId, RewardId), Reward>,
    pub sales: HashMap<(AccountId, TransactionId), SaleFacts>,
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
}

impl UserFacts {
    /// Whether the address is proven.
    pub(super) fn is_verified(&self) -> bool {
        self.status != UserStatus::Unverified
    }
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

/// The ids that emails name.
#[derive(Default)]
pub(super) struct Named {
    pub accounts: Vec<AccountId>,
    pub users: Vec<UserId>,
    pub partners: Vec<PartnerId>,
    pub rewards: Vec<RewardId>,
    pub sales: Vec<TransactionId>,
}

impl Facts {
    /// Loads what these emails tell of, as it is now: at most five statements, however many there are.
    pub(super) async fn load(conn: &mut AsyncPgConnection, emails: &[EmailMessage]) -> QueryResult<Self> {
        let named = Named::by(emails);
        let mut facts = Self::default();
        if !named.users.is_empty() {
            facts.users = load::users(conn, &named).await?.into_iter().map(|user| (user.id, user)).collect();
        }
        if !named.users.is_empty() && !named.accounts.is_empty() {
            facts.owners = load::owners(conn, &named).await?.into_iter().collect();
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
        Ok(facts)
    }

    pub(super) fn recipient_user(&self, email: &EmailMessage) -> Option<&UserFacts> {
        match email.recipient {
            Recipient::User(id) => self.users.get(&id),
            Recipient::Partner(_) => None,
        }
    }

    pub(super) fn recipient_partner(&self, email: &EmailMessage) -> Option<&PartnerFacts> {
        match email.recipient {
            Recipient::Partner(id) => self.partners.get(&(email.account_id?, id)),
            Recipient::User(_) => None,
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

impl Named {
    fn by(emails: &[EmailMessage]) -> Self {
        let mut named = Self::default();
        for email in emails {
            named.accounts.extend(email.account_id);
            match email.recipient {
                Recipient::User(id) => named.users.push(id),
                Recipient::Partner(id) => named.partners.push(id),
            }
            let subject = &email.subject;
            match email.template {
                EmailTemplate::UserVerify | EmailTemplate::UserExists => {}
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
