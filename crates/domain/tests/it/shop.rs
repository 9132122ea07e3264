//! An active program with published terms, its partners and customers: made by the domain's own verbs.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use domain::{
    act::Act,
    attribution::Touch,
    customers::{Customer, CustomerUpsert, UpsertError},
    db::{Db, DbConfig},
    ledger::Balance,
    links::{Link, NewLink},
    partners::{self, NewPartner, Partner},
    programs::{Cursor, Program, ProgramKind, Transition},
    rewards::{Computed, NonReward, Reward, compute},
    scope::AccountScope,
    stats, subscribers,
    terms::{DraftTerms, RewardCurrency, SelfReferral, Terms, TermsFor},
    transactions::{NewTransaction, RecordError, RecordRefusal, Transaction},
    verify,
};
use ids::{PartnerId, ProgramId, RewardId};
use money::{Currency, Rounding};
use serde_json::json;

use crate::{
    partners::{account, person, program_of},
    support::World,
};

pub struct Shop {
    pub world: World,
    pub scope: AccountScope,
    pub program: Program,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Shop {
    /// 30 % of each sale, held for 30 days.
    pub async fn open() -> Self {
        Self::open_with(&percent("30")).await
    }

    pub async fn open_with(draft: &DraftTerms) -> Self {
        let mut shop = Self::empty().await;
        shop.publish(draft, None).await;
        shop.program = shop.transition(Transition::Activate).await;
        shop
    }

    /// As [`Shop::open`], of this kind.
    pub async fn of_kind(kind: ProgramKind) -> Self {
        let mut shop = Self::draft(kind).await;
        shop.publish(&percent("30"), None).await;
        shop.program = shop.transition(Transition::Activate).await;
        shop
    }

    /// A draft program without terms.
    pub async fn empty() -> Self {
        Self::draft(ProgramKind::Affiliate).await
    }

    async fn draft(kind: ProgramKind) -> Self {
        let world = World::new().await;
        let scope = account(&world).await;
        let program = program_of(&world, &scope, "Acme", kind).await;
        Self { world, scope, program }
    }

    pub async fn publish(&self, draft: &DraftTerms, from: Option<DateTime<Utc>>) -> Terms {
        let (conn, act) = (&mut *self.world.conn().await, self.world.act());
        let draft = Terms::put_draft(conn, &self.scope, self.program.id, draft, &act).await.unwrap();
        Terms::publish(conn, &self.scope, draft.id, from, &act).await.unwrap()
    }

    pub async fn transition(&self, transition: Transition) -> Program {
        let (conn, act) = (&mut *self.world.conn().await, self.world.act());
        Program::transition(conn, &self.scope, self.program.id, transition, &act).await.unwrap()
    }

    /// An approved partner of that key and address `key@example.com`, with a link of that slug.
    pub async fn partner(&self, key: &str) -> Partner {
        let (conn, act) = (&mut *self.world.conn().await, self.world.act());
        let new = NewPartner {
            key: Some(key.to_owned()),
            ..person(self.program.id, &format!("{key}@example.com"))
        };
        let partner = Partner::create(conn, &self.scope, &new, &act).await.unwrap();
        let link = NewLink {
            partner_id: partner.id,
            slug: Some(key.to_owned()),
            destination: None,
            idempotency_key: None,
        };
        Link::create(conn, &self.scope, &link, &act).await.unwrap();
        partner
    }

    pub async fn suspend(&self, id: PartnerId) {
        self.move_partner(id, partners::Transition::Suspend { reason: "fraud" }).await;
    }

    pub async fn reinstate(&self, id: PartnerId) {
        self.move_partner(id, partners::Transition::Reinstate).await;
    }

    async fn move_partner(&self, id: PartnerId, transition: partners::Transition<'_>) {
        let (conn, act) = (&mut *self.world.conn().await, self.world.act());
        Partner::transition(conn, &self.scope, id, transition, &act).await.unwrap();
    }

    pub async fn upsert(&self, said: &CustomerUpsert) -> Result<Customer, UpsertError> {
        Customer::upsert(&mut *self.world.conn().await, &self.scope, said, &self.world.act()).await
    }

    /// A customer who came through the partner's link.
    pub async fn customer_of(&self, key: &str, partner: &Partner) -> Customer {
        let touch = Some(Touch::LinkSlug(partner.key.clone()));
        self.upsert(&CustomerUpsert { touch, ..customer(self.program.id, key) }).await.unwrap()
    }

    pub async fn try_record(
        &self,
        said: &[NewTransaction],
    ) -> Result<Vec<Result<Transaction, RecordRefusal>>, RecordError> {
        let (conn, act) = (&mut *self.world.conn().await, self.world.act());
        Transaction::record_all(conn, &self.scope, self.program.id, said, &act).await
    }

    /// Records one sale that nothing is wrong with.
    pub async fn record(&self, said: &NewTransaction) -> Transaction {
        self.try_record(std::slice::from_ref(said)).await.unwrap().remove(0).unwrap()
    }

    pub async fn sequence(&self) {
        let conn = &mut *self.world.conn().await;
        while subscribers::sequence(conn, self.world.now, &self.world.ids).await.unwrap() > 0 {}
    }

    pub async fn compute(&self) -> Result<Computed, diesel::result::Error> {
        compute_once(&self.world.db, self.program.id, &self.world.act()).await
    }

    async fn computes(&self) -> bool {
        let computed = self.compute().await.unwrap();
        computed.facts > 0 || computed.more
    }

    /// A pool of its own, for more tasks at once than the world's serves.
    pub fn pool(&self, size: usize) -> Db {
        let config = DbConfig::for_testing(&self.world.database.url);
        Db::new(&DbConfig { pool_size: size, ..config }).unwrap()
    }

    /// Everything recorded gets its position and is evaluated.
    pub async fn settle(&self) {
        self.sequence().await;
        while self.computes().await {}
        self.sequence().await;
    }

    /// Releases what is due, a batch in a transaction.
    pub async fn release(&self) -> usize {
        release_once(&self.world.db, &self.world.act()).await
    }

    /// Folds a batch of deltas; answers how many.
    pub async fn fold(&self) -> i64 {
        stats::fold(&mut *self.world.conn().await).await.unwrap()
    }

    /// What the sale came to: `rule partner amount status` of each reward, or the reason why there is none.
    pub async fn result(&self, sale: &Transaction) -> String {
        let conn = &mut *self.world.conn().await;
        let rewards = Reward::of_transactions(conn, &self.scope, &[sale.id]).await.unwrap();
        let reasons = NonReward::of_transactions(conn, &self.scope, &[sale.id]).await.unwrap();
        let reward = |reward: &Reward| {
            format!("{} {} {}", reward.rule.as_deref().unwrap_or("manual"), reward.amount, reward.status)
        };
        let said = rewards.iter().map(reward).chain(reasons.iter().map(|none| none.reason.to_string()));
        said.collect::<Vec<_>>().join(", ")
    }

    pub async fn reward(&self, id: RewardId) -> Reward {
        Reward::find(&mut *self.world.conn().await, &self.scope, id).await.unwrap().unwrap()
    }

    /// The one reward of the sale.
    pub async fn reward_of(&self, sale: &Transaction) -> Reward {
        let conn = &mut *self.world.conn().await;
        let mut rewards = Reward::of_transactions(conn, &self.scope, &[sale.id]).await.unwrap();
        assert_eq!(rewards.len(), 1);
        rewards.remove(0)
    }

    /// `held available reserved paid` of a partner in dollars.
    pub async fn balance(&self, id: PartnerId) -> String {
        let conn = &mut *self.world.conn().await;
        let balances = Balance::of_partners(conn, &self.scope, &[id]).await.unwrap();
        let Some(balance) = balances.first() else { return "none".to_owned() };
        format!("{} {} {} {}", balance.held, balance.available, balance.reserved, balance.paid)
    }

    /// The texts that a query finds in its column `line`.
    pub async fn lines(&self, query: &str) -> Vec<String> {
        let conn = &mut *self.world.conn().await;
        let lines: Vec<Line> = diesel_async::RunQueryDsl::load(sql_query(query), conn).await.unwrap();
        lines.into_iter().map(|row| row.line).collect()
    }

    /// What the database says to SQL that it refuses.
    pub async fn refused(&self, sql: &str) -> String {
        let conn = &mut *self.world.conn().await;
        SimpleAsyncConnection::batch_execute(conn, sql).await.unwrap_err().to_string()
    }

    /// All that breaks a promise.
    pub async fn violations(&self) -> Vec<String> {
        let findings = verify::verify(&mut *self.world.conn().await, self.world.now).await.unwrap();
        let named = |finding: verify::Finding| {
            finding.violations.into_iter().map(move |what| format!("{}: {what}", finding.check))
        };
        findings.into_iter().flat_map(named).collect()
    }

    pub async fn assert_verified(&self) {
        assert_eq!(self.violations().await, Vec::<String>::new());
    }
}

pub async fn compute_once(
    db: &Db,
    program_id: ProgramId,
    act: &Act,
) -> Result<Computed, diesel::result::Error> {
    let conn = &mut *db.get().await.unwrap();
    conn.transaction(async |conn| compute_in(conn, program_id, act).await).await
}

/// One run, in the transaction of the caller.
pub async fn compute_in(
    conn: &mut AsyncPgConnection,
    program_id: ProgramId,
    act: &Act,
) -> Result<Computed, diesel::result::Error> {
    let cursor = Cursor::lock(conn, program_id).await?;
    compute(conn, &cursor, act).await
}

pub async fn release_once(db: &Db, act: &Act) -> usize {
    let conn = &mut *db.get().await.unwrap();
    conn.transaction(async |conn| Reward::release_due(conn, act).await).await.unwrap()
}

/// Terms of one percentage.
pub fn percent(percent: &str) -> DraftTerms {
    terms(json!([{ "id": "base", "trigger": "SALE", "beneficiary": "PARTNER",
        "value": { "type": "PERCENT", "percent": percent } }]))
}

pub fn terms(rules: serde_json::Value) -> DraftTerms {
    DraftTerms {
        whose: TermsFor::Everybody,
        rules,
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

pub fn customer(program_id: ProgramId, key: &str) -> CustomerUpsert {
    CustomerUpsert {
        program_id,
        key: key.to_owned(),
        email: None,
        name: None,
        country: None,
        tags: None,
        touch: None,
        confirmed: None,
        signed_up_at: None,
    }
}

/// A sale of so many cents.
pub fn sale(key: &str, customer: &str, cents: i64) -> NewTransaction {
    NewTransaction {
        key: key.to_owned(),
        customer_key: customer.to_owned(),
        referring_customer_key: None,
        currency: Currency::USD,
        gross: rust_decimal::Decimal::new(cents, 2),
        discount: rust_decimal::Decimal::ZERO,
        tax: rust_decimal::Decimal::ZERO,
        items: Vec::new(),
        coupon_code: None,
        rewardable: true,
        occurred_at: None,
    }
}

pub fn days(days: i64) -> TimeDelta {
    TimeDelta::days(days)
}
