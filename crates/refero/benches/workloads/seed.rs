use anyhow::Context;
use chrono::{DateTime, Utc};
use domain::{
    act::Act,
    api_keys::{ApiKey, NewApiKey},
    attribution::Touch,
    customers::{Customer, CustomerUpsert},
    partners::{Entry, NewPartner, Partner},
    programs::{NewProgram, Program, Transition},
    scope::AccountScope,
    team::{Membership, Permission},
    terms::{DraftTerms, RewardCurrency, SelfReferral, Terms, TermsFor},
    users::{Passwords, PasswordsConfig, User},
};
use ids::{AccountId, IdSource, PartnerId, ProgramId};
use jobs::{ComputeRewardsHandler, Registry};
use money::Rounding;
use serde_json::{Value, json};

use crate::ground::Base;

/// Customers with a partner each; a sale is of one of them.
pub const CUSTOMERS: usize = 2_000;
const PARTNERS: usize = 100;
/// Verbs at once.
const AT_ONCE: usize = 16;

/// A program that sells, and a key to record its sales with.
#[derive(Clone)]
pub struct Shop {
    pub account_id: AccountId,
    pub program_id: ProgramId,
    pub api_key: String,
}

/// How a customer is called.
pub fn customer_key(number: usize) -> String {
    format!("customer-{number}")
}

/// Whoever the account belongs to.
pub struct Owner {
    pub account_id: AccountId,
    pub email: &'static str,
    pub password: String,
}

/// Makes an account with its owner.
pub async fn owner(base: &Base, act: &Act) -> anyhow::Result<Owner> {
    let passwords = Passwords::new(PasswordsConfig::default())?;
    let email = "owner@example.com";
    let owner = User::create_owner(&base.db, &passwords, (email, "Owner", "A shop"), act).await?;
    let password = owner.password.context("a new owner has a password")?.expose().to_owned();
    let membership = Membership::of_user(&mut *base.db.get().await?, owner.user.id).await?.pop();
    Ok(Owner { account_id: membership.context("an owner has an account")?.account.id, email, password })
}

/// What a shop promises, and since when.
pub struct Offer {
    /// As `termsDraftPut` stores rules.
    pub rules: Value,
    /// From when the terms are in force, and when the customers signed up; now when nothing is said.
    pub since: Option<DateTime<Utc>>,
    /// Whether most partners have another one above them.
    pub has_uplines: bool,
}

impl Default for Offer {
    /// A fifth of each sale, for the partner alone.
    fn default() -> Self {
        let value = json!({ "type": "PERCENT", "percent": "20" });
        let rule = json!({ "id": "sale", "trigger": "SALE", "beneficiary": "PARTNER", "value": value });
        Self { rules: json!([rule]), since: None, has_uplines: false }
    }
}

/// Makes the shop by the verbs of the product, and computes what there is to compute. No job is left.
pub async fn shop(base: &Base) -> anyhow::Result<Shop> {
    shop_with(base, &Offer::default()).await
}

/// As [`shop`], with another offer.
pub async fn shop_with(base: &Base, offer: &Offer) -> anyhow::Result<Shop> {
    let ids = IdSource::from_system()?;
    let act = Act::of_system(base.clock.now(), ids.clone());
    let account_id = owner(base, &act).await?.account_id;
    let scope = AccountScope::whole(account_id);
    let program_id = program(base, &scope, offer, &act).await?;
    let partners = partners(base, &scope, (program_id, offer.has_uplines), &act).await?;
    customers(base, &scope, (program_id, offer.since), &partners, &act).await?;
    let permissions = vec![Permission::TransactionsWrite, Permission::TransactionsRead];
    let api_key = api_key(base, &scope, permissions, &act).await?;
    compute(base, &ids).await?;
    Ok(Shop { account_id, program_id, api_key })
}

async fn program(base: &Base, scope: &AccountScope, offer: &Offer, act: &Act) -> anyhow::Result<ProgramId> {
    let new = NewProgram {
        kind: domain::programs::ProgramKind::Affiliate,
        name: "A program".to_owned(),
        currency: "USD".parse()?,
        slug: None,
        website: None,
        time_zone: None,
        grandfathering: None,
        link_parameter: None,
        link_style: None,
        attribution_model: None,
        attribution_window_days: None,
        auto_approve: None,
        late_sale_days: Some(3_650),
        idempotency_key: None,
    };
    let conn = &mut *base.db.get().await?;
    let program = Program::create(conn, scope, &new, act).await?;
    let draft = Terms::put_draft(conn, scope, program.id, &draft(&offer.rules), act).await?;
    Terms::publish(conn, scope, draft.id, offer.since, act).await?;
    Program::transition(conn, scope, program.id, Transition::Activate, act).await?;
    Ok(program.id)
}

/// Terms with these rules, held for thirty days.
pub fn draft(rules: &Value) -> DraftTerms {
    DraftTerms {
        whose: TermsFor::Everybody,
        rules: rules.clone(),
        hold_days: 30,
        rounding: Rounding::HalfEven,
        self_referral: SelfReferral::Reject,
        rate_max_age_days: None,
        reward_currency: RewardCurrency::Program,
        duplicate_sale_minutes: None,
        existing_customer_review: false,
        referred_while_suspended: false,
    }
}

async fn partners(
    base: &Base,
    scope: &AccountScope,
    (program_id, has_uplines): (ProgramId, bool),
    act: &Act,
) -> anyhow::Result<Vec<PartnerId>> {
    let conn = &mut *base.db.get().await?;
    let mut made: Vec<PartnerId> = Vec::with_capacity(PARTNERS);
    for number in 0..PARTNERS {
        // Ten to one: two levels above most.
        let upline = made.get(number / 10).copied().filter(|_| has_uplines);
        let new = NewPartner {
            program_id,
            entry: Entry::Approved,
            email: format!("partner-{number}@example.com"),
            name: format!("Partner {number}"),
            key: None,
            country: None,
            tags: Vec::new(),
            group_id: None,
            upline_id: upline,
            idempotency_key: None,
        };
        made.push(Partner::create(conn, scope, &new, act).await?.id);
    }
    Ok(made)
}

async fn customers(
    base: &Base,
    scope: &AccountScope,
    (program_id, since): (ProgramId, Option<DateTime<Utc>>),
    partners: &[PartnerId],
    act: &Act,
) -> anyhow::Result<()> {
    let mut tasks = tokio::task::JoinSet::new();
    for first in 0..AT_ONCE {
        let (db, scope, act, partners) = (base.db.clone(), scope.clone(), act.clone(), partners.to_vec());
        tasks.spawn(async move {
            let conn = &mut *db.get().await?;
            for number in (first..CUSTOMERS).step_by(AT_ONCE) {
                let said = CustomerUpsert {
                    program_id,
                    key: customer_key(number),
                    email: Some(format!("{}@example.net", customer_key(number))),
                    name: None,
                    country: None,
                    tags: None,
                    touch: partners.get(number % partners.len()).copied().map(Touch::Partner),
                    confirmed: None,
                    signed_up_at: since,
                };
                Customer::upsert(conn, &scope, &said, &act).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

/// Makes a key of the account, and answers its secret.
pub async fn api_key(
    base: &Base,
    scope: &AccountScope,
    permissions: Vec<Permission>,
    act: &Act,
) -> anyhow::Result<String> {
    let new = NewApiKey {
        name: "A cash register".to_owned(),
        permissions,
        programs: Vec::new(),
        expires_at: None,
        idempotency_key: None,
    };
    let conn = &mut *base.db.get().await?;
    let created = ApiKey::create(conn, scope, Permission::ALL, &new, act).await?;
    Ok(created.secret.context("a new key has a secret")?.expose().to_owned())
}

/// Brings the writer of rewards to the end of the feed and all figures into the rollups; the emails of the set-up are of no interest.
pub async fn compute(base: &Base, ids: &IdSource) -> anyhow::Result<()> {
    let registry =
        Registry::default().act(ComputeRewardsHandler { ids: ids.clone(), clock: base.clock.clone() });
    loop {
        let now = base.clock.now();
        let sequenced = domain::subscribers::sequence(&mut *base.db.get().await?, now, ids).await?;
        let ran = jobs::run_due(&registry, &base.db, ids, now).await?;
        if sequenced == 0 && ran == 0 {
            break;
        }
    }
    while domain::stats::fold(&mut *base.db.get().await?).await? > 0 {}
    base.execute("DELETE FROM jobs; DELETE FROM email_messages").await
}
