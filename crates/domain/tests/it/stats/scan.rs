//! The figures counted again from the rows that say what happened, without rollups, deltas or the calendar of the domain.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::{
    events::EventKind,
    programs::Program,
    rewards::Reward,
    schema::{attributions, customers, evaluations, events, programs, rewards, transactions},
    stats::{Answer, Figures, Grain, Question, Start, Subject},
};
use ids::{CustomerId, PartnerId, ProgramId, TransactionId};
use money::Currency;

use crate::shop::Shop;

/// Applications, partners, sign-ups, paying customers, sales; and sales, revenue and rewards by currency.
pub type Line = ([i64; 5], BTreeMap<Currency, [i64; 3]>);

/// Something that happened, as it counts.
struct Fact {
    program: ProgramId,
    partner: Option<PartnerId>,
    at: DateTime<Utc>,
    counts: [i64; 5],
    amounts: Option<(Currency, [i64; 3])>,
}

/// Everything that happened in the account.
pub struct Scan {
    facts: Vec<Fact>,
    zones: BTreeMap<ProgramId, Tz>,
}

const APPLICATION: [i64; 5] = [1, 0, 0, 0, 0];
const PARTNER: [i64; 5] = [0, 1, 0, 0, 0];
const SIGNUP: [i64; 5] = [0, 0, 1, 0, 0];
const PAYS: [i64; 5] = [0, 0, 0, 1, 0];
const SALE: [i64; 5] = [0, 0, 0, 0, 1];
const NOTHING: [i64; 5] = [0; 5];

impl Scan {
    pub async fn of(shop: &Shop) -> Self {
        let conn = &mut *shop.world.conn().await;
        let all: Vec<Program> = programs::table.select(Program::as_select()).load(conn).await.unwrap();
        let zones = all.iter().map(|program| (program.id, program.time_zone.parse().unwrap())).collect();
        let mut scan = Self { facts: Vec::new(), zones };
        scan.people(shop).await;
        scan.sales(shop).await;
        scan.rewards(shop).await;
        scan
    }

    fn add(
        &mut self,
        (program, partner, at): (ProgramId, Option<PartnerId>, DateTime<Utc>),
        counts: [i64; 5],
        amounts: Option<(Currency, [i64; 3])>,
    ) {
        self.facts.push(Fact { program, partner, at, counts, amounts });
    }

    async fn people(&mut self, shop: &Shop) {
        let conn = &mut *shop.world.conn().await;
        let kinds = [EventKind::PartnerApplied, EventKind::PartnerApproved];
        let told: Vec<(Option<ProgramId>, EventKind, DateTime<Utc>)> = events::table
            .filter(events::kind.eq_any(kinds))
            .select((events::program_id, events::kind, events::at))
            .load(conn)
            .await
            .unwrap();
        for (program, kind, at) in told {
            let counts = if kind == EventKind::PartnerApplied { APPLICATION } else { PARTNER };
            self.add((program.unwrap(), None, at), counts, None);
        }
        let made: Vec<(ProgramId, DateTime<Utc>)> =
            customers::table.select((customers::program_id, customers::created_at)).load(conn).await.unwrap();
        made.into_iter().for_each(|(program, at)| self.add((program, None, at), SIGNUP, None));
        let brought: Vec<(ProgramId, PartnerId, DateTime<Utc>)> = attributions::table
            .select((attributions::program_id, attributions::partner_id, attributions::created_at))
            .load(conn)
            .await
            .unwrap();
        brought
            .into_iter()
            .for_each(|(program, partner, at)| self.add((program, Some(partner), at), SIGNUP, None));
    }

    async fn sales(&mut self, shop: &Shop) {
        type Sale = (TransactionId, ProgramId, CustomerId, Currency, i64, bool, DateTime<Utc>);
        let conn = &mut *shop.world.conn().await;
        let sales: Vec<Sale> = transactions::table
            .select((
                transactions::id,
                transactions::program_id,
                transactions::customer_id,
                transactions::currency,
                transactions::net,
                transactions::rewardable,
                transactions::occurred_at,
            ))
            .load(conn)
            .await
            .unwrap();
        for (_, program, _, currency, net, _, at) in &sales {
            self.add((*program, None, *at), SALE, Some((*currency, [1, *net, 0])));
        }
        let evaluated: Vec<(TransactionId, Option<PartnerId>)> = evaluations::table
            .filter(evaluations::transaction_id.is_not_null())
            .filter(evaluations::number.eq(1))
            .order(evaluations::position)
            .select((evaluations::transaction_id.assume_not_null(), evaluations::partner_id))
            .load(conn)
            .await
            .unwrap();
        let mut paying = BTreeSet::new();
        for (id, partner) in evaluated {
            let (_, program, customer, currency, net, rewardable, at) =
                *sales.iter().find(|(sale, ..)| *sale == id).unwrap();
            let is_first = rewardable && net > 0 && paying.insert(customer);
            if is_first {
                self.add((program, None, at), PAYS, None);
            }
            if let Some(partner) = partner {
                let counts = if is_first { [0, 0, 0, 1, 1] } else { SALE };
                self.add((program, Some(partner), at), counts, Some((currency, [1, net, 0])));
            }
        }
    }

    async fn rewards(&mut self, shop: &Shop) {
        let conn = &mut *shop.world.conn().await;
        let earned: Vec<Reward> = rewards::table.select(Reward::as_select()).load(conn).await.unwrap();
        for Reward { program_id, partner_id, event_at, currency, net, .. } in earned {
            self.add((program_id, None, event_at), NOTHING, Some((currency, [0, 0, net])));
            if partner_id.is_some() {
                self.add((program_id, partner_id, event_at), NOTHING, Some((currency, [0, 0, net])));
            }
        }
    }

    /// The figures that a question asks for, part by part.
    pub fn answer(&self, question: &Question) -> BTreeMap<Start, Line> {
        let mut lines: BTreeMap<Start, Line> = BTreeMap::new();
        for fact in self.facts.iter().filter(|fact| is_of(&question.of, fact)) {
            let local = fact.at.with_timezone(&self.zones[&fact.program]);
            let day = local.date_naive();
            if day < question.range.from() || day >= question.range.to() {
                continue;
            }
            let past = TimeDelta::minutes(local.minute().into()) + TimeDelta::seconds(local.second().into());
            let start = match question.by {
                Grain::Whole => Start::Day(question.range.from()),
                Grain::Day => Start::Day(day),
                Grain::Month => Start::Day(day.with_day(1).unwrap()),
                Grain::Week => Start::Day(monday(day)),
                Grain::Hour(_) => Start::Hour(fact.at.with_nanosecond(0).unwrap() - past),
            };
            let line = lines.entry(start).or_default();
            line.0.iter_mut().zip(fact.counts).for_each(|(sum, more)| *sum += more);
            if let Some((currency, amounts)) = fact.amounts {
                let sums = line.1.entry(currency).or_default();
                sums.iter_mut().zip(amounts).for_each(|(sum, more)| *sum += more);
            }
        }
        lines
    }
}

fn monday(day: NaiveDate) -> NaiveDate {
    day - TimeDelta::days(day.weekday().num_days_from_monday().into())
}

fn is_of(subject: &Subject, fact: &Fact) -> bool {
    match subject {
        Subject::Partner(partner) => fact.partner == Some(*partner),
        Subject::Programs(None) => fact.partner.is_none(),
        Subject::Programs(Some(programs)) => fact.partner.is_none() && programs.contains(&fact.program),
    }
}

/// An answer in the form of the scan's; parts with nothing but zeros are none.
pub fn lines(answer: &Answer) -> BTreeMap<Start, Line> {
    let lines = answer.iter().map(|(start, figures)| (*start, line(figures)));
    lines.filter(|(_, line)| *line != Line::default()).collect()
}

pub fn line(figures: &Figures) -> Line {
    let Figures { applications, partners, signups, paying_customers, sales, .. } = figures;
    let amounts = figures
        .by_currency()
        .map(|amounts| (amounts.currency, [amounts.sales, amounts.revenue, amounts.rewards]));
    ([*applications, *partners, *signups, *paying_customers, *sales], amounts.collect())
}
