use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    emails::{EmailMessage, EmailTemplate, Recipient},
    schema::{
        attributions, customers, members, partner_profiles, partners, programs, rewards, transactions, users,
    },
    team::Role,
    users::UserStatus,
};
use ids::{AccountId, PartnerId, RewardId, TransactionId, UserId};
use money::Currency;

/// What a slice of emails tells of. Rows of an account are found by its id and their own: an email never shows a row of
/// another account.
#[derive(Default)]
pub(super) struct Facts {
    pub users: HashMap<UserId, UserFacts>,
    /// Who owns which account.
    pub owners: HashSet<(AccountId, UserId)>,
    pub partners: HashMap<(AccountId, PartnerId), PartnerFacts>,
    pub rewards: HashMap<(AccountId, RewardId), RewardFacts>,
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

#[derive(Queryable)]
pub(super) struct PartnerFacts {
    account_id: AccountId,
    id: PartnerId,
    pub status: String,
    pub status_reason: Option<String>,
    pub name: String,
    pub email: String,
    pub program_name: String,
    pub time_zone: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = rewards)]
pub(super) struct RewardFacts {
    account_id: AccountId,
    id: RewardId,
    pub rule: String,
    pub currency: Currency,
    pub amount: i64,
    pub status: String,
    pub hold_until: DateTime<Utc>,
    pub trace: serde_json::Value,
}

#[derive(Queryable)]
pub(super) struct SaleFacts {
    account_id: AccountId,
    id: TransactionId,
    pub currency: Currency,
    pub gross: i64,
    pub customer_key: String,
    pub program_name: String,
    pub partner_name: Option<String>,
}

/// The ids that emails name.
#[derive(Default)]
struct Named {
    accounts: Vec<AccountId>,
    users: Vec<UserId>,
    partners: Vec<PartnerId>,
    rewards: Vec<RewardId>,
    sales: Vec<TransactionId>,
}

impl Facts {
    /// Loads what these emails tell of, as it is now: at most five statements, however many there are.
    pub(super) async fn load(conn: &mut AsyncPgConnection, emails: &[EmailMessage]) -> QueryResult<Self> {
        let named = Named::by(emails);
        let mut facts = Self::default();
        if !named.users.is_empty() {
            facts.users = load_users(conn, &named).await?.into_iter().map(|user| (user.id, user)).collect();
        }
        if !named.users.is_empty() && !named.accounts.is_empty() {
            facts.owners = load_owners(conn, &named).await?.into_iter().collect();
        }
        if !named.partners.is_empty() {
            let rows = load_partners(conn, &named).await?;
            facts.partners = rows.into_iter().map(|row| ((row.account_id, row.id), row)).collect();
        }
        if !named.rewards.is_empty() {
            let rows = load_rewards(conn, &named).await?;
            facts.rewards = rows.into_iter().map(|row| ((row.account_id, row.id), row)).collect();
        }
        if !named.sales.is_empty() {
            let rows = load_sales(conn, &named).await?;
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

    pub(super) fn reward(&self, email: &EmailMessage) -> Option<&RewardFacts> {
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

async fn load_users(conn: &mut AsyncPgConnection, named: &Named) -> QueryResult<Vec<UserFacts>> {
    users::table.filter(users::id.eq_any(&named.users)).select(UserFacts::as_select()).load(conn).await
}

async fn load_owners(conn: &mut AsyncPgConnection, named: &Named) -> QueryResult<Vec<(AccountId, UserId)>> {
    members::table
        .filter(members::account_id.eq_any(&named.accounts))
        .filter(members::user_id.eq_any(&named.users))
        .filter(members::role.eq(Role::Owner))
        .select((members::account_id, members::user_id))
        .load(conn)
        .await
}

async fn load_partners(conn: &mut AsyncPgConnection, named: &Named) -> QueryResult<Vec<PartnerFacts>> {
    let profile = partner_profiles::account_id
        .eq(partners::account_id)
        .and(partner_profiles::id.eq(partners::profile_id));
    let program = programs::account_id.eq(partners::account_id).and(programs::id.eq(partners::program_id));
    partners::table
        .inner_join(partner_profiles::table.on(profile))
        .inner_join(programs::table.on(program))
        .filter(partners::account_id.eq_any(&named.accounts))
        .filter(partners::id.eq_any(&named.partners))
        .select((
            partners::account_id,
            partners::id,
            partners::status,
            partners::status_reason,
            partner_profiles::name,
            partner_profiles::email,
            programs::name,
            programs::time_zone,
        ))
        .load(conn)
        .await
}

async fn load_rewards(conn: &mut AsyncPgConnection, named: &Named) -> QueryResult<Vec<RewardFacts>> {
    rewards::table
        .filter(rewards::account_id.eq_any(&named.accounts))
        .filter(rewards::id.eq_any(&named.rewards))
        .select(RewardFacts::as_select())
        .load(conn)
        .await
}

/// Sales with the partner that the customer belongs to, if there is one.
async fn load_sales(conn: &mut AsyncPgConnection, named: &Named) -> QueryResult<Vec<SaleFacts>> {
    let customer =
        customers::account_id.eq(transactions::account_id).and(customers::id.eq(transactions::customer_id));
    let program =
        programs::account_id.eq(transactions::account_id).and(programs::id.eq(transactions::program_id));
    let attribution = attributions::account_id
        .eq(transactions::account_id)
        .and(attributions::customer_id.eq(transactions::customer_id))
        .and(attributions::status.eq("ACTIVE"));
    let partner =
        partners::account_id.eq(attributions::account_id).and(partners::id.eq(attributions::partner_id));
    let profile = partner_profiles::account_id
        .eq(partners::account_id)
        .and(partner_profiles::id.eq(partners::profile_id));
    transactions::table
        .inner_join(customers::table.on(customer))
        .inner_join(programs::table.on(program))
        .left_join(attributions::table.on(attribution))
        .left_join(partners::table.on(partner))
        .left_join(partner_profiles::table.on(profile))
        .filter(transactions::account_id.eq_any(&named.accounts))
        .filter(transactions::id.eq_any(&named.sales))
        .select((
            transactions::account_id,
            transactions::id,
            transactions::currency,
            transactions::gross,
            customers::key,
            programs::name,
            partner_profiles::name.nullable(),
        ))
        .load(conn)
        .await
}
