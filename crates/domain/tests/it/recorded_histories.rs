//! The written histories, recorded by the domain's verbs and computed by the writer in small runs: what they come to in the
//! database is what they expect.

use std::{collections::HashMap, fs, path::Path};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use domain::{
    adjustments::{
        AdjustError, Adjustment, AdjustmentBasis, NewAdjustment, NewAdjustmentKind, NewChargebackWon,
        NewRefund, NewRefundLine, SaleNamed,
    },
    attribution::Touch,
    customers::{Customer, CustomerUpsert},
    groups::{Group, NewGroup},
    partners::{Entry, NewPartner, Partner, PartnerStatus, Transition},
    programs::{self, NewProgram, Program, ProgramKind},
    rewards::{NonReward, Reward},
    schema::{customers, non_rewards, rewards, terms, transactions},
    terms::DraftTerms,
    transactions::{ItemInput, NewTransaction},
};
use ids::{PartnerId, TypedId};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    partners::account,
    shop::{Shop, customer, terms as terms_of},
    support::World,
};

/// Files of histories, and of how many of a third of them the verbs refuse nothing.
const RECORDED: (&str, usize) = ("rewards.jsonl", 20);
const APART: (&str, usize) = ("apart.jsonl", 4);

/// A history under way.
struct Stage {
    shop: Shop,
    partners: HashMap<String, Partner>,
}

fn get<T: DeserializeOwned>(value: &Value, key: &str) -> T {
    serde_json::from_value(value[key].clone()).unwrap_or_else(|error| panic!("{key} of {value}: {error}"))
}

fn decimal(value: &Value, key: &str) -> rust_decimal::Decimal {
    get::<Option<String>>(value, key).unwrap_or_else(|| "0".to_owned()).parse().unwrap()
}

impl Stage {
    async fn set(world: World, history: &Value) -> Self {
        let scope = account(&world).await;
        let said = &history["program"];
        let new = NewProgram {
            kind: ProgramKind::Affiliate,
            name: "Program".to_owned(),
            currency: get(said, "currency"),
            slug: None,
            website: None,
            time_zone: get(said, "timeZone"),
            grandfathering: get(said, "grandfathering"),
            link_parameter: None,
            link_style: None,
            attribution_model: None,
            attribution_window_days: None,
            auto_approve: None,
            late_sale_days: Some(3_650),
            idempotency_key: None,
        };
        let program = Program::create(&mut *world.conn().await, &scope, &new, &world.act()).await.unwrap();
        let mut stage = Self { shop: Shop { world, scope, program }, partners: HashMap::new() };
        let groups = stage.groups(history).await;
        for version in history["terms"].as_array().unwrap() {
            let mut rules = version["rules"].to_string();
            for (name, id) in &groups {
                rules = rules.replace(&format!("\"{name}\""), &format!("\"{id}\""));
            }
            let draft = DraftTerms {
                rules: serde_json::from_str(&rules).unwrap(),
                hold_days: get(said, "holdDays"),
                rounding: get(said, "rounding"),
                self_referral: get(said, "selfReferral"),
                rate_max_age_days: get(said, "rateMaxAgeDays"),
                ..terms_of(json!([]))
            };
            stage.shop.publish(&draft, Some(get(version, "effectiveFrom"))).await;
        }
        stage.shop.program = stage.shop.transition(programs::Transition::Activate).await;
        stage.rates(history).await;
        for partner in history["partners"].as_array().unwrap() {
            stage.partner(partner, &groups).await;
        }
        stage.lines_up(history).await;
        stage
    }

    async fn groups(&self, history: &Value) -> HashMap<String, String> {
        let mut groups = HashMap::new();
        let of_partners = history["partners"].as_array().unwrap().iter().map(|partner| &partner["group"]);
        let rules =
            history["terms"].as_array().unwrap().iter().flat_map(|terms| terms["rules"].as_array().unwrap());
        let conditions = rules.flat_map(|rule| rule["conditions"].as_array().into_iter().flatten());
        let of_groups = conditions.filter(|condition| condition["field"] == "partner.group");
        let named = of_groups.flat_map(|condition| condition["value"].as_array().unwrap());
        for name in of_partners.chain(named).filter_map(Value::as_str) {
            if groups.contains_key(name) {
                continue;
            }
            let (conn, act) = (&mut *self.shop.world.conn().await, self.shop.world.act());
            let new =
                NewGroup { program_id: self.shop.program.id, name: name.to_owned(), idempotency_key: None };
            let group = Group::create(conn, &self.shop.scope, &new, &act).await.unwrap();
            groups.insert(name.to_owned(), group.id.to_string());
        }
        groups
    }

    async fn rates(&self, history: &Value) {
        for (place, rate) in history["rates"].as_array().into_iter().flatten().enumerate() {
            let sql = format!(
                "INSERT INTO exchange_rates (id, account_id, from_currency, to_currency, rate, at, source, stored_at) \
                 VALUES ('{}', '{}', {}, {}, {}, {}, 'test', now())",
                Uuid::from_u128(place as u128 + 1),
                self.shop.scope.account_id.uuid(),
                rate["from"].to_string().replace('"', "'"),
                rate["to"].to_string().replace('"', "'"),
                rate["rate"].as_str().unwrap(),
                rate["at"].to_string().replace('"', "'"),
            );
            self.shop.world.conn().await.batch_execute(&sql).await.unwrap();
        }
    }

    async fn partner(&mut self, partner: &Value, groups: &HashMap<String, String>) {
        let (conn, act) = (&mut *self.shop.world.conn().await, self.shop.world.act());
        let name: String = get(partner, "id");
        let is_in = matches!(partner["status"].as_str().unwrap(), "APPROVED" | "SUSPENDED");
        let new = NewPartner {
            program_id: self.shop.program.id,
            entry: if is_in { Entry::Approved } else { Entry::Pending },
            email: partner["email"].as_str().map_or(format!("{name}@none.example"), str::to_owned),
            name: name.clone(),
            key: None,
            country: None,
            tags: get::<Option<Vec<String>>>(partner, "tags").unwrap_or_default(),
            group_id: partner["group"].as_str().map(|name| groups[name].parse().unwrap()),
            upline_id: None,
            idempotency_key: None,
        };
        let made = Partner::create(conn, &self.shop.scope, &new, &act).await.unwrap();
        self.partners.insert(name.clone(), made);
        if partner["status"] == "SUSPENDED" {
            self.status(&name, "SUSPENDED").await;
        }
    }

    /// Partners above, once all are there.
    async fn lines_up(&mut self, history: &Value) {
        for partner in history["partners"].as_array().unwrap() {
            let Some(upline) = partner["upline"].as_str() else { continue };
            let (conn, act) = (&mut *self.shop.world.conn().await, self.shop.world.act());
            let changes = domain::partners::PartnerChanges {
                upline_id: Some(Some(self.partners[upline].id)),
                ..domain::partners::PartnerChanges::default()
            };
            let id = self.partners[partner["id"].as_str().unwrap()].id;
            Partner::update(conn, &self.shop.scope, id, &changes, &act).await.unwrap();
        }
    }

    async fn status(&mut self, name: &str, status: &str) {
        let partner = self.partners.get_mut(name).unwrap();
        let transition = match (partner.status, status) {
            (PartnerStatus::Pending, "APPROVED") => Transition::Approve,
            (PartnerStatus::Suspended, "APPROVED") => Transition::Reinstate,
            (PartnerStatus::Approved, other) if other != "APPROVED" => Transition::Suspend { reason: "test" },
            _ => return,
        };
        let (conn, act) = (&mut *self.shop.world.conn().await, self.shop.world.act());
        *partner = Partner::transition(conn, &self.shop.scope, partner.id, transition, &act).await.unwrap();
    }

    /// Records an event; false if the verb refuses what the histories allow: a refund beyond its sale.
    async fn record(&mut self, event: &Value) -> bool {
        let at: DateTime<Utc> = get(event, "at");
        let program_id = self.shop.program.id;
        let key = || get::<String>(event, "id");
        let of_sale = || SaleNamed::Key { program_id, key: get(event, "transaction") };
        let what = match event["type"].as_str().unwrap() {
            "PARTNER_STATUS" => {
                self.status(&get::<String>(event, "partner"), &get::<String>(event, "status")).await;
                return true;
            }
            "CUSTOMER" => {
                self.customer(event, at).await;
                return true;
            }
            "SALE" => {
                self.sale(event, at).await;
                return true;
            }
            "CHARGEBACK_WON" => {
                let (chargeback_key, key) = (get(event, "adjustment"), key());
                let won = NewChargebackWon { program_id, chargeback_key, key, occurred_at: Some(at) };
                let (conn, act) = (&mut *self.shop.world.conn().await, self.shop.world.act());
                Adjustment::record_won(conn, &self.shop.scope, &won, &act).await.unwrap();
                return true;
            }
            "CHARGEBACK" => NewAdjustmentKind::Chargeback,
            "VOID" => NewAdjustmentKind::Void,
            _ => NewAdjustmentKind::Refund(self.refund(event).await),
        };
        let adjustment = NewAdjustment { sale: of_sale(), key: key(), what, occurred_at: Some(at) };
        let (conn, act) = (&mut *self.shop.world.conn().await, self.shop.world.act());
        match Adjustment::record(conn, &self.shop.scope, &adjustment, &act).await {
            Ok(_) | Err(AdjustError::KeyMismatch) => true,
            Err(AdjustError::Database(error)) => panic!("{error}"),
            Err(_) => false,
        }
    }

    async fn refund(&self, event: &Value) -> NewRefund {
        let line = |line: &Value| NewRefundLine { line: get(line, "line"), amount: decimal(line, "amount") };
        let lines: Vec<_> = event["lines"].as_array().into_iter().flatten().map(line).collect();
        let amount = lines.is_empty().then(|| decimal(event, "amount"));
        let currency = self.shop.program.currency;
        NewRefund { amount, currency: Some(currency), basis: Some(AdjustmentBasis::Net), lines }
    }

    async fn customer(&self, event: &Value, at: DateTime<Utc>) {
        let key: String = get(event, "id");
        let known = customers::table
            .filter(customers::program_id.eq(self.shop.program.id))
            .filter(customers::key.eq(&key))
            .count();
        if known.get_result::<i64>(&mut *self.shop.world.conn().await).await.unwrap() > 0 {
            return;
        }
        let touch = event["partner"].as_str().map(|name| Touch::Partner(self.partners[name].id));
        let said = CustomerUpsert {
            email: get(event, "email"),
            country: get(event, "country"),
            tags: get(event, "tags"),
            touch,
            signed_up_at: Some(at),
            ..customer(self.shop.program.id, &key)
        };
        let (conn, act) = (&mut *self.shop.world.conn().await, self.shop.world.act());
        Customer::upsert(conn, &self.shop.scope, &said, &act).await.unwrap();
    }

    async fn sale(&self, event: &Value, at: DateTime<Utc>) {
        let item = |item: &Value| ItemInput {
            product_id: get(item, "productId"),
            product_type: get(item, "productType"),
            quantity: get(item, "quantity"),
            amount: decimal(item, "amount"),
        };
        let said = NewTransaction {
            key: get(event, "id"),
            customer_key: get(event, "customer"),
            referring_customer_key: None,
            currency: get(event, "currency"),
            gross: decimal(event, "gross"),
            discount: decimal(event, "discount"),
            tax: decimal(event, "tax"),
            items: event["items"].as_array().into_iter().flatten().map(item).collect(),
            coupon_code: get(event, "coupon"),
            rewardable: get::<Option<bool>>(event, "rewardable").unwrap_or(true),
            occurred_at: Some(at),
        };
        // Items above net, or a key that was recorded before: as the history has it, nothing happens.
        self.shop.try_record(&[said]).await.unwrap().pop();
    }

    async fn written(&self) -> (Vec<Value>, Vec<Value>) {
        let conn = &mut *self.shop.world.conn().await;
        let sales: Vec<(Uuid, String)> = transactions::table
            .select((transactions::id, transactions::key))
            .load::<(ids::TransactionId, String)>(conn)
            .await
            .unwrap()
            .into_iter()
            .map(|(id, key)| (id.uuid(), key))
            .collect();
        let buyers: Vec<(Uuid, String)> = customers::table
            .select((customers::id, customers::key))
            .load::<(ids::CustomerId, String)>(conn)
            .await
            .unwrap()
            .into_iter()
            .map(|(id, key)| (id.uuid(), key))
            .collect();
        let keys: HashMap<Uuid, String> = sales.into_iter().chain(buyers).collect();
        let names: HashMap<PartnerId, &String> =
            self.partners.iter().map(|(name, partner)| (partner.id, name)).collect();
        let versions: HashMap<ids::TermsId, i32> =
            terms::table.select((terms::id, terms::number)).load(conn).await.unwrap().into_iter().collect();
        let made: Vec<Reward> = rewards::table.select(Reward::as_select()).load(conn).await.unwrap();
        let reasons: Vec<NonReward> =
            non_rewards::table.select(NonReward::as_select()).load(conn).await.unwrap();
        let reward = |reward: Reward| {
            let beneficiary = match (reward.partner_id, reward.beneficiary_customer_id) {
                (Some(partner), _) => names[&partner].clone(),
                (None, customer) => keys[&customer.unwrap().uuid()].clone(),
            };
            json!({"source": keys[&reward.source], "rule": reward.rule, "beneficiary": beneficiary, "level": reward.level,
                "currency": reward.currency, "amount": reward.amount, "net": reward.net,
                "status": if reward.under_review { "PENDING_REVIEW" } else { "HELD" },
                "holdUntil": reward.hold_until.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
                "terms": versions[&reward.terms_id.unwrap()]})
        };
        let reason = |none: NonReward| json!({"source": keys[&none.source], "reason": none.reason});
        (made.into_iter().map(reward).collect(), reasons.into_iter().map(reason).collect())
    }
}

fn sorted(values: &[Value]) -> Vec<String> {
    let mut lines: Vec<String> = values.iter().map(ToString::to_string).collect();
    lines.sort();
    lines
}

/// Records the history in runs of so many events; nothing if a verb refuses one of them.
async fn play(history: &Value, run: usize) -> Option<()> {
    let mut world = World::new().await;
    world.now = "2028-06-01T00:00:00Z".parse().unwrap();
    let mut stage = Stage::set(world, history).await;
    for (place, event) in history["events"].as_array().unwrap().iter().enumerate() {
        if !stage.record(event).await {
            return None;
        }
        if place % run == 0 {
            stage.shop.settle().await;
        }
    }
    stage.shop.settle().await;
    let (made, reasons) = stage.written().await;
    let expected = |key: &str| sorted(history["expect"][key].as_array().unwrap());
    assert_eq!(sorted(&made), expected("rewards"), "{} in runs of {run}", history["name"]);
    assert_eq!(sorted(&reasons), expected("nonRewards"), "{} in runs of {run}", history["name"]);
    stage.shop.assert_verified().await;
    Some(())
}

/// Every third history, so that they are played beside each other.
async fn play_every_third(((file, least), first): ((&str, usize), usize), run: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(file);
    let text = fs::read_to_string(path).unwrap();
    let mut played = 0;
    for line in text.lines().skip(first).step_by(3) {
        let history: Value = serde_json::from_str(line).unwrap();
        played += usize::from(play(&history, run).await.is_some());
    }
    assert!(played >= least, "only {played} histories were recorded to their end");
}

#[tokio::test]
async fn a_fact_at_a_time_comes_to_what_the_histories_expect() {
    play_every_third((RECORDED, 0), 1).await;
}

#[tokio::test]
async fn three_facts_at_a_time_come_to_what_the_histories_expect() {
    play_every_third((RECORDED, 1), 3).await;
}

#[tokio::test]
async fn all_facts_at_once_come_to_what_the_histories_expect() {
    play_every_third((RECORDED, 2), 1_000).await;
}

#[tokio::test]
async fn what_was_computed_apart_is_what_the_writer_computes() {
    play_every_third((APART, 0), 2).await;
}

#[tokio::test]
async fn what_was_computed_apart_is_what_one_run_computes() {
    play_every_third((APART, 1), 1_000).await;
}
