//! What tests of payouts have in common: partners with money and a place for it, and the jobs of batches by hand.

use diesel_async::AsyncConnection;
use domain::{
    act::{Act, Actor},
    page::PageArgs,
    payout_batches::{
        BatchStatus, CancelBatch, ExecuteBatch, Execution, FreezeBatch, NewBatch, PayoutBatch, Rail, Retry,
        Settlement, Verdict, settle,
    },
    payout_methods::{NewPayoutMethod, PayoutMethod},
    payout_policies::{PayoutPolicy, PolicyChanges, Whose},
    payouts::{Decision, NewRequest, Payout, PayoutFilter, PayoutItem, RequestError},
};
use ids::{PartnerId, PayoutBatchId, PayoutId, UserId};
use payout_details::{PayoutDetailsInput, PaypalReceiverInput, PaypalWallet};
use vault::Vault;

use crate::shop::{Shop, days, percent, sale};

pub fn vault() -> Vault {
    format!("k1:{}=", "A".repeat(43)).parse().unwrap()
}

pub fn by_hand() -> PayoutDetailsInput {
    PayoutDetailsInput::Manual { instructions: "Cash, please.".to_owned() }
}

pub fn by_paypal(email: &str) -> PayoutDetailsInput {
    let receiver = PaypalReceiverInput::Email(email.to_owned());
    PayoutDetailsInput::Paypal { wallet: PaypalWallet::Paypal, receiver }
}

/// All of each sale, held for 30 days.
pub async fn shop() -> Shop {
    Shop::open_with(&percent("100")).await
}

impl Shop {
    pub async fn method(&self, partner_id: PartnerId, details: PayoutDetailsInput) -> PayoutMethod {
        let (conn, act) = (&mut *self.world.conn().await, self.world.act());
        let new = NewPayoutMethod { partner_id, details };
        PayoutMethod::create(conn, &self.scope, &vault(), &new, &act).await.unwrap()
    }

    /// A partner who is paid by hand and has a customer of the same key.
    pub async fn payee(&self, key: &str) -> PartnerId {
        let partner = self.partner(key).await;
        self.customer_of(key, &partner).await;
        self.method(partner.id, by_hand()).await;
        partner.id
    }

    /// Each of these partners has a sale of so many cents, by the customer of the same key; all are available.
    pub async fn earn(&mut self, sales: &[(&str, i64)]) {
        for (number, (key, cents)) in sales.iter().enumerate() {
            let name = format!("{key}-{}-{number}", self.world.now.timestamp());
            self.record(&sale(&name, key, *cents)).await;
        }
        self.settle().await;
        self.world.pass(days(31));
        while self.release().await > 0 {}
    }

    pub async fn policy(&self, whose: Whose, changes: PolicyChanges) -> PayoutPolicy {
        let (conn, act) = (&mut *self.world.conn().await, self.world.act());
        PayoutPolicy::update(conn, &self.scope, whose, &changes, &act).await.unwrap()
    }

    pub async fn try_request(&self, said: &NewRequest) -> Result<Payout, RequestError> {
        let (conn, act) = (&mut *self.world.conn().await, self.world.act());
        Payout::request(conn, &self.scope, said, &act).await
    }

    /// All that the partner has.
    pub async fn request(&self, partner_id: PartnerId, key: &str) -> Payout {
        self.try_request(&request(partner_id, key)).await.unwrap()
    }

    pub async fn decide(&self, id: PayoutId, decision: &Decision) -> Payout {
        let (conn, act) = (&mut *self.world.conn().await, self.world.act());
        Payout::decide(conn, &self.scope, &[id], decision, &act).await.unwrap().remove(0)
    }

    pub async fn payout(&self, id: PayoutId) -> Payout {
        Payout::find(&mut *self.world.conn().await, &self.scope, id).await.unwrap().unwrap()
    }

    /// `kind amount` of each item, the oldest first.
    pub async fn items(&self, id: PayoutId) -> Vec<String> {
        let conn = &mut *self.world.conn().await;
        let items = PayoutItem::of_payouts(conn, &self.scope, &[id], (None, 100)).await.unwrap();
        items.into_iter().map(|item| format!("{} {}", item.kind, item.amount)).collect()
    }

    /// A batch of all that can be paid over the rail, prepared by this actor and frozen.
    pub async fn frozen(&self, rail: Rail, by: Actor) -> PayoutBatch {
        let batch = self.begun(&batch(self, rail), by).await;
        self.freeze(batch.id).await
    }

    pub async fn begun(&self, new: &NewBatch, by: Actor) -> PayoutBatch {
        let (conn, act) = (&mut *self.world.conn().await, self.world.act().by(by));
        let key = act.ids.next::<PayoutBatchId>(act.now).to_string();
        PayoutBatch::create(conn, &self.scope, new, &key, &act).await.unwrap()
    }

    /// Freezes a draft to its end, as the jobs do.
    pub async fn freeze(&self, id: PayoutBatchId) -> PayoutBatch {
        let job = FreezeBatch { account_id: self.scope.account_id, batch_id: id };
        while self.batch(id).await.status == BatchStatus::Draft {
            let (conn, act) = (&mut *self.world.conn().await, self.world.act());
            conn.transaction(async |conn| PayoutBatch::freeze_range(conn, &job, &act).await).await.unwrap();
        }
        self.batch(id).await
    }

    pub async fn batch(&self, id: PayoutBatchId) -> PayoutBatch {
        PayoutBatch::find(&mut *self.world.conn().await, &self.scope, id).await.unwrap().unwrap()
    }

    /// The payouts of a batch, the oldest first.
    pub async fn payouts(&self, id: PayoutBatchId) -> Vec<Payout> {
        let filter = PayoutFilter { batches: vec![id], ..PayoutFilter::default() };
        let conn = &mut *self.world.conn().await;
        let page = Payout::list(conn, &self.scope, &filter, PageArgs::new(100, None)).await.unwrap();
        page.rows.into_iter().rev().collect()
    }

    /// Executes an approved batch, as somebody who has read its total, and sends all of it, as the jobs do.
    pub async fn executed(&self, id: PayoutBatchId) -> PayoutBatch {
        let (conn, act) = (&mut *self.world.conn().await, self.world.act());
        let confirmed_total = self.batch(id).await.total_money();
        let said = Execution { batch_id: id, confirmed_total, idempotency_key: id.to_string() };
        PayoutBatch::execute(conn, &self.scope, &said, &act).await.unwrap();
        let job = ExecuteBatch { account_id: self.scope.account_id, batch_id: id };
        while self
            .world
            .count(&format!("payouts WHERE batch_id = '{}' AND status = 'BATCHED'", uuid(id)))
            .await
            > 0
        {
            conn.transaction(async |conn| PayoutBatch::execute_range(conn, &job, &act).await).await.unwrap();
        }
        self.batch(id).await
    }

    pub async fn cancelled(&self, id: PayoutBatchId) -> PayoutBatch {
        let (conn, act) = (&mut *self.world.conn().await, self.world.act());
        PayoutBatch::cancel(conn, &self.scope, id, &act).await.unwrap();
        let job = CancelBatch { account_id: self.scope.account_id, batch_id: id };
        conn.transaction(async |conn| PayoutBatch::cancel_range(conn, &job, &act).await).await.unwrap();
        self.batch(id).await
    }

    pub async fn ended(&self, id: PayoutId, verdict: Verdict) -> Payout {
        let (conn, act) = (&mut *self.world.conn().await, self.world.act());
        let settlement = Settlement { payout_id: id, verdict };
        let account_id = self.scope.account_id;
        conn.transaction(async |conn| settle(conn, account_id, &[settlement], &act).await).await.unwrap();
        self.payout(id).await
    }
}

pub fn uuid(id: impl ids::TypedId) -> uuid::Uuid {
    id.uuid()
}

pub fn paid() -> Verdict {
    Verdict::Paid { reference: Some("ref".to_owned()), fee: None }
}

pub fn failed() -> Verdict {
    Verdict::Failed { code: "CLOSED".to_owned(), reason: "The account is closed.".to_owned() }
}

pub fn request(partner_id: PartnerId, key: &str) -> NewRequest {
    let idempotency_key = key.to_owned();
    NewRequest { partner_id, currency: None, rewards: None, invoice_id: None, idempotency_key }
}

pub fn batch(shop: &Shop, rail: Rail) -> NewBatch {
    NewBatch::over(rail, shop.program.id)
}

/// What failed of it, over the same rail.
pub fn again(batch_id: PayoutBatchId, idempotency_key: &str) -> Retry<'_> {
    Retry { batch_id, rail: None, idempotency_key }
}

/// Some person.
pub fn somebody(act: &Act) -> Actor {
    Actor::User(act.ids.next::<UserId>(act.now))
}
