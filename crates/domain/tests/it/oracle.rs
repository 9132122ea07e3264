//! What the rewards of a program must be: its feed read from the beginning, one event after the other, into one book that
//! holds everything in memory.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    adjustments::{AdjustedPayload, Adjustment, AdjustmentBasis, AdjustmentKind},
    attribution::AttributedPayload,
    customers::{CreatedPayload, UpdatedPayload},
    events::{Event, EventKind},
    partners::{PartnerPayload, PartnerStatus},
    programs::Program,
    rates::ExchangeRate,
    rewards::{
        AdjustmentFacts, Adjusts, Book, Effect, LineRefund, NewSale, NonReward, Outcome, PartnerState,
        Policy, RateFacts, Reward, SignUp, Source, TakenBack,
    },
    schema::{
        adjustments, customers, events, non_rewards, partner_profiles, partners, rewards, transactions,
    },
    terms::Terms,
    transactions::{RecordedPayload, Transaction, TransactionItem},
};
use ids::{AdjustmentId, CustomerId, PartnerId, ProgramId, RewardId, TransactionId, TypedId};
use money::{Rate, Ratio};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::shop::Shop;

/// A line per reward of a sale or sign-up, and one per source that has none.
type Results = BTreeMap<Uuid, Vec<String>>;

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
        let owner = reward.owner().unwrap();
        let Reward { rule, level, step, currency, amount, net, under_review, hold_until, .. } = reward;
        let step = step.map(|step| step.to_string());
        let line = format!(
            "{} {owner:?} {level} {step:?} {currency} {amount} {net} {under_review} {hold_until}",
            rule.unwrap()
        );
        results.entry(reward.source).or_default().push(line);
    }
    let reasons: Vec<NonReward> = non_rewards::table
        .filter(non_rewards::program_id.eq(program_id))
        .filter(non_rewards::superseded_at.is_null())
        .select(NonReward::as_select())
        .load(conn)
        .await
        .unwrap();
    for none in reasons {
        results.entry(none.source).or_default().push(none.reason.to_string());
    }
    results.values_mut().for_each(|lines| lines.sort());
    results
}

struct Oracle {
    program: Program,
    book: Book<'static>,
    customer_emails: HashMap<CustomerId, String>,
    partner_emails: HashMap<PartnerId, String>,
    lines: BTreeMap<RewardId, (Uuid, String, i64, String)>,
    reasons: BTreeMap<Uuid, String>,
}

/// The same as one book has it.
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
    let policy = Policy {
        currency: program.currency,
        calendar: program.calendar(),
        grandfathering: program.grandfathering,
        budget: program.reward_budget,
    };
    let mut next = 0;
    let ids = move || {
        next += 1;
        RewardId::from_uuid(Uuid::from_u128(next))
    };
    let (customer_emails, partner_emails) = emails(conn).await;
    let mut oracle = Oracle {
        program,
        book: Book::new(policy, versions, ids),
        customer_emails,
        partner_emails,
        lines: BTreeMap::new(),
        reasons: BTreeMap::new(),
    };
    for event in feed {
        let effects = oracle.take(conn, shop, event).await;
        oracle.note(effects);
    }
    oracle.results()
}

impl Oracle {
    async fn take(&mut self, conn: &mut AsyncPgConnection, shop: &Shop, event: Event) -> Vec<Effect> {
        let payload = event.payload;
        match event.kind {
            EventKind::CustomerCreated => {
                let CreatedPayload {
                    customer_id: id,
                    signed_up_at: at,
                    country,
                    tags,
                    partner_id: partner,
                    ..
                } = read(payload);
                let email = self.customer_emails.get(&id).cloned();
                self.book.signed_up(SignUp { id, at, email, country, tags, partner }).unwrap()
            }
            EventKind::CustomerUpdated => {
                let UpdatedPayload { customer_id, country, tags } = read(payload);
                self.book.customer_is(customer_id, country, tags);
                vec![]
            }
            EventKind::CustomerAttributed => {
                let made: AttributedPayload = read(payload);
                self.book.attributed(made.customer_id, made.partner_id, made.attributed_at).unwrap()
            }
            EventKind::TransactionRecorded => {
                let said: RecordedPayload = read(payload);
                let sale = self.sale(conn, shop, said.transaction_id).await;
                self.book.sold(sale).unwrap()
            }
            EventKind::TransactionAdjusted => {
                let said: AdjustedPayload = read(payload);
                let adjustment = adjustment(conn, said.adjustment_id).await;
                self.book.adjusted(adjustment).unwrap()
            }
            kind if kind.as_str().starts_with("partner.") => {
                let partner: PartnerPayload = read(payload);
                let state = PartnerState {
                    is_approved: partner.status == PartnerStatus::Approved,
                    is_suspended: partner.status == PartnerStatus::Suspended,
                    email: self.partner_emails.get(&partner.partner_id).cloned(),
                    group: partner.group.map(|group| group.to_string()),
                    tags: partner.tags,
                    upline: partner.upline,
                };
                self.book.partner_is(partner.partner_id, state);
                vec![]
            }
            _ => vec![],
        }
    }

    async fn sale(&self, conn: &mut AsyncPgConnection, shop: &Shop, id: TransactionId) -> NewSale {
        let row: Transaction =
            transactions::table.find(id).select(Transaction::as_select()).first(conn).await.unwrap();
        let items = TransactionItem::of(conn, &shop.scope, &[id]).await.unwrap();
        let lines = row.lines(&items).unwrap();
        let asked = (row.currency, self.program.currency, row.occurred_at);
        let rate = match row.currency == self.program.currency {
            true => Some(RateFacts { rate: Rate::ONE, at: None }),
            false => {
                let found = ExchangeRate::latest(conn, row.account_id, &[asked]).await.unwrap().remove(0);
                found.map(|found| RateFacts { rate: found.rate, at: Some(found.at) })
            }
        };
        NewSale {
            id,
            key: row.key,
            customer: row.customer_id,
            at: row.occurred_at,
            currency: row.currency,
            gross: row.gross,
            net: lines.net,
            lines: lines.lines,
            rewardable: row.rewardable,
            coupon: row.coupon_code,
            rate,
        }
    }

    fn note(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Evaluated(evaluated) => {
                    let source = uuid(evaluated.source);
                    self.reasons.remove(&source);
                    if let Outcome::NonReward(reason) = evaluated.evaluation.outcome {
                        self.reasons.insert(source, reason.to_string());
                    }
                }
                Effect::Earned(made) => {
                    let step = made.step.map(|step| step.to_string());
                    let head = format!(
                        "{} {:?} {} {step:?} {} {}",
                        made.rule, made.beneficiary, made.level, made.currency, made.amount
                    );
                    let tail = format!("{} {}", made.pending_review, made.hold_until);
                    self.lines.insert(made.id, (uuid(made.source), head, made.amount, tail));
                }
                Effect::Net { reward, net, .. } => self.lines.get_mut(&reward).unwrap().2 = net,
            }
        }
    }

    fn results(self) -> Results {
        let mut results = Results::new();
        for (source, head, net, tail) in self.lines.into_values() {
            results.entry(source).or_default().push(format!("{head} {net} {tail}"));
        }
        for (source, reason) in self.reasons {
            results.entry(source).or_default().push(reason);
        }
        results.values_mut().for_each(|lines| lines.sort());
        results
    }
}

fn read<T: DeserializeOwned>(payload: serde_json::Value) -> T {
    serde_json::from_value(payload).unwrap()
}

fn uuid(source: Source) -> Uuid {
    match source {
        Source::Sale(id) => id.uuid(),
        Source::SignUp(id) => id.uuid(),
    }
}

/// An adjustment as it was said; in gross it is the same share of the net.
async fn adjustment(conn: &mut AsyncPgConnection, id: AdjustmentId) -> AdjustmentFacts {
    let row: Adjustment =
        adjustments::table.find(id).select(Adjustment::as_select()).first(conn).await.unwrap();
    let key = row.transaction_key.clone().unwrap_or_default();
    let sale: Option<(i64, i64)> = transactions::table
        .filter(transactions::program_id.eq(row.program_id))
        .filter(transactions::key.eq(&key))
        .select((transactions::gross, transactions::net))
        .first(conn)
        .await
        .optional()
        .unwrap();
    let (gross, net) = sale.unwrap_or((1, 0));
    let kind = match (row.kind, &row.lines) {
        (AdjustmentKind::Chargeback, _) => Adjusts::Chargeback,
        (AdjustmentKind::Void, _) => Adjusts::Void,
        (AdjustmentKind::ChargebackWon, _) => {
            Adjusts::ChargebackWon { chargeback: row.chargeback_key.unwrap() }
        }
        (AdjustmentKind::Refund, Some(lines)) => {
            let line =
                |line: &domain::adjustments::RefundLine| LineRefund { line: line.line, amount: line.amount };
            Adjusts::Refund(TakenBack::Lines(lines.0.iter().map(line).collect()))
        }
        (AdjustmentKind::Refund, None) => {
            let said = Ratio::from(row.amount.unwrap());
            let share = Ratio::from(net).checked_div(&gross.into()).unwrap();
            let is_gross = row.basis == AdjustmentBasis::Gross;
            Adjusts::Refund(TakenBack::Amount(if is_gross { said * share } else { said }))
        }
    };
    AdjustmentFacts { id, key: row.key, sale_key: key, at: row.occurred_at, kind }
}

async fn emails(conn: &mut AsyncPgConnection) -> (HashMap<CustomerId, String>, HashMap<PartnerId, String>) {
    let buyers: Vec<(CustomerId, Option<String>)> =
        customers::table.select((customers::id, customers::email)).load(conn).await.unwrap();
    let people: Vec<(PartnerId, String)> = partners::table
        .inner_join(partner_profiles::table.on(partner_profiles::id.eq(partners::profile_id)))
        .select((partners::id, partner_profiles::email))
        .load(conn)
        .await
        .unwrap();
    let buyers = buyers.into_iter().filter_map(|(id, email)| Some((id, email?)));
    (buyers.collect(), people.into_iter().collect())
}
