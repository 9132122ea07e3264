//! What the rewards of a program must be, read from its feed alone and computed one event after the other.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    attribution::AttributedPayload,
    customers::Customer,
    events::{Event, EventKind},
    partners::{Partner, PartnerProfile, PartnerStatus},
    programs::Program,
    rewards::{
        AttributionFacts, NonReward, Outcome, Reward, RewardStatus, SaleFacts, emails_equal, evaluate,
    },
    schema::{customers, events, non_rewards, partner_profiles, partners, rewards, transactions},
    terms::{Terms, TermsInForce, choose_terms, self_referral_without_terms},
    transactions::{RecordedPayload, Transaction, TransactionItem},
};
use ids::{CustomerId, PartnerId, ProgramId, TransactionId};
use money::Rate;
use serde::Deserialize;

use crate::shop::Shop;

/// A line per reward, and one per sale that has none.
type Results = BTreeMap<TransactionId, Vec<String>>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PartnerPayload {
    partner_id: PartnerId,
    status: PartnerStatus,
}

/// The program's rewards as they are in the database.
pub async fn written(shop: &Shop, program_id: ProgramId) -> Results {
    let conn = &mut *shop.world.conn().await;
    let mut results = Results::new();
    let earned: Vec<Reward> = rewards::table
        .filter(rewards::program_id.eq(program_id))
        .select(Reward::as_select())
        .load(conn)
        .await
        .unwrap();
    for reward in earned {
        let Reward { rule, partner_id, transaction_id, amount, status, hold_until, .. } = reward;
        let (Some(rule), Some(partner_id), Some(sale)) = (rule, partner_id, transaction_id) else {
            panic!("{} is of no sale", reward.id)
        };
        let line = format!("{rule} {partner_id} {amount} {status} {hold_until}");
        results.entry(sale).or_default().push(line);
    }
    let reasons: Vec<NonReward> = non_rewards::table
        .filter(non_rewards::program_id.eq(program_id))
        .select(NonReward::as_select())
        .load(conn)
        .await
        .unwrap();
    for none in reasons {
        results.entry(none.transaction_id).or_default().push(none.reason.to_string());
    }
    results.values_mut().for_each(|lines| lines.sort());
    results
}

/// The same as the semantics say it, one event of the feed after the other.
pub async fn expected(shop: &Shop, program_id: ProgramId) -> Results {
    let conn = &mut *shop.world.conn().await;
    let program = Program::find(conn, &shop.scope, program_id).await.unwrap().unwrap();
    let published = Terms::published(conn, shop.scope.account_id, &[program_id]).await.unwrap();
    let versions: Vec<_> = published.iter().map(|terms| terms.in_force().unwrap().unwrap()).collect();
    let feed: Vec<Event> = events::table
        .filter(events::program_id.eq(program_id))
        .filter(events::position.is_not_null())
        .order(events::position)
        .select(Event::as_select())
        .load(conn)
        .await
        .unwrap();
    let same = same_persons(shop, program_id).await;
    let mut statuses = BTreeMap::new();
    let mut attributions: BTreeMap<CustomerId, AttributedPayload> = BTreeMap::new();
    let mut results = Results::new();
    for event in feed {
        let payload = event.payload;
        match event.kind {
            EventKind::CustomerAttributed => {
                let made: AttributedPayload = serde_json::from_value(payload).unwrap();
                attributions.insert(made.customer_id, made);
            }
            EventKind::TransactionRecorded => {
                let said: RecordedPayload = serde_json::from_value(payload).unwrap();
                let id = said.transaction_id;
                let sale: Transaction =
                    transactions::table.find(id).select(Transaction::as_select()).first(conn).await.unwrap();
                let items = TransactionItem::of(conn, &shop.scope, &[id]).await.unwrap();
                let attribution = attributions.get(&sale.customer_id).map(|made| AttributionFacts {
                    partner: made.partner_id,
                    at: made.attributed_at,
                    partner_approved: statuses.get(&made.partner_id) == Some(&PartnerStatus::Approved),
                    self_referred: same.contains(&(made.customer_id, made.partner_id)),
                });
                results.insert(id, evaluated(&program, &versions, &sale, &items, attribution));
            }
            kind if kind.as_str().starts_with("partner.") => {
                let partner: PartnerPayload = serde_json::from_value(payload).unwrap();
                statuses.insert(partner.partner_id, partner.status);
            }
            _ => {}
        }
    }
    results
}

fn evaluated(
    program: &Program,
    versions: &[TermsInForce],
    sale: &Transaction,
    items: &[TransactionItem],
    attribution: Option<AttributionFacts<PartnerId>>,
) -> Vec<String> {
    let lines = sale.lines(items).unwrap();
    let at = attribution.as_ref().map(|attribution| attribution.at);
    let facts = SaleFacts {
        occurred_at: sale.occurred_at,
        currency: sale.currency,
        gross: sale.gross,
        net: lines.net,
        lines: lines.lines,
        rewardable: sale.rewardable,
        program_currency: program.currency,
        rate: (sale.currency == program.currency).then_some(Rate::ONE),
        attribution,
        self_referral_without_terms: self_referral_without_terms(versions),
    };
    let terms = choose_terms(versions, program.grandfathering, sale.occurred_at, at);
    let mut lines = match evaluate(&facts, terms).unwrap().outcome {
        Outcome::NonReward(reason) => vec![reason.to_string()],
        Outcome::Rewards(earned) => {
            let line = |earned: domain::rewards::EarnedReward<PartnerId>| {
                let held = RewardStatus::Held;
                let status = if earned.pending_review { RewardStatus::PendingReview } else { held };
                let (rule, partner, hold) = (earned.rule, earned.beneficiary, earned.hold_until);
                format!("{rule} {partner} {} {status} {hold}", earned.amount)
            };
            earned.into_iter().map(line).collect()
        }
    };
    lines.sort();
    lines
}

async fn same_persons(shop: &Shop, program_id: ProgramId) -> Vec<(CustomerId, PartnerId)> {
    let conn = &mut *shop.world.conn().await;
    let buyers: Vec<Customer> = customers::table
        .filter(customers::program_id.eq(program_id))
        .select(Customer::as_select())
        .load(conn)
        .await
        .unwrap();
    let people: Vec<(Partner, PartnerProfile)> = partners::table
        .inner_join(partner_profiles::table.on(partner_profiles::id.eq(partners::profile_id)))
        .filter(partners::program_id.eq(program_id))
        .select((Partner::as_select(), PartnerProfile::as_select()))
        .load(conn)
        .await
        .unwrap();
    let mut same = Vec::new();
    for buyer in &buyers {
        for (partner, profile) in &people {
            if buyer.email.as_deref().is_some_and(|email| emails_equal(email, &profile.email)) {
                same.push((buyer.id, partner.id));
            }
        }
    }
    same
}
