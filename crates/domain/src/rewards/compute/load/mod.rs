//! Everything that the facts of a run are evaluated with, loaded at once, in a number of statements that does not grow with
//! them.

pub(super) mod adjustments;
mod buyers;
pub(super) mod counters;
pub(in crate::rewards) mod known;
mod milestones;
mod past;
mod people;
pub(in crate::rewards) mod rewards;
pub(super) mod sales;
mod unrated;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use adjustments::{Beside, LoadedAdjustments};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AdjustmentId, CustomerId, PartnerId, RewardId, TermsId, TransactionId};
pub(super) use people::People;
pub(super) use sales::LoadedSale;
use unrated::Rated;

use super::{
    Uncomputable, bound,
    facts::{Fact, What, adjustments_of, customers_of, moved_of, sales_of},
    tracked,
};
use crate::{
    act::Act,
    adjustments::{Adjustment, AdjustmentKind, AdjustmentRefused},
    programs::{Cursor, Program},
    rewards::{AdjustmentFacts, Book, Past, Policy, RateFacts, Reach, Reward},
    schema::{programs, transactions},
    terms::{Terms, TermsInForce},
    transactions::Transaction,
};

/// What a run evaluates with.
pub(super) struct Loaded<'a> {
    pub(super) program: Program,
    pub(super) terms_ids: BTreeMap<i32, TermsId>,
    pub(super) book: Book<'a>,
    pub(super) people: People,
    pub(super) sales: HashMap<TransactionId, LoadedSale>,
    pub(super) adjustments: HashMap<AdjustmentId, Adjustment>,
    /// How each of the batch's and the waiting adjustments counts, or why it does not.
    pub(super) readings: HashMap<AdjustmentId, Result<AdjustmentFacts, AdjustmentRefused>>,
    /// Which of them were waiting for a sale of the batch.
    pub(super) waiting: HashSet<AdjustmentId>,
    /// Disputes that were won before, by the chargeback's key.
    pub(super) disputes: HashMap<String, AdjustmentId>,
    /// The rates that count now for sales that wait for one.
    pub(super) ratings: HashMap<TransactionId, RateFacts>,
    /// The rows of rewards that may change.
    pub(super) rewards: HashMap<RewardId, Reward>,
    /// How many of the facts are loaded.
    pub(super) taken: usize,
    /// Whether more sales wait for the last of them, a rate, than one run takes: the next goes on with it.
    pub(super) is_more: bool,
}

impl<'a> Loaded<'a> {
    pub(super) async fn load(
        conn: &mut AsyncPgConnection,
        cursor: &Cursor,
        facts: &[Fact],
        (beside, act): (&Reach, &'a Act),
    ) -> QueryResult<Result<Self, Uncomputable>> {
        let program: Program =
            programs::table.find(cursor.program_id).select(Program::as_select()).first(conn).await?;
        let versions = Terms::published(conn, program.account_id, &[program.id]).await?;
        let position = facts.first().map_or(0, |fact| fact.position);
        let stopped = |why: String| Uncomputable { position, why };
        let terms = match in_force(&versions).map_err(stopped) {
            Ok(terms) => terms,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let taken = bound::affordable(conn, program.account_id, &terms, facts).await?;
        let facts = facts.get(..taken).unwrap_or(facts);
        let rated = Rated::load(conn, &program, &terms, facts).await?;
        let facts = facts.get(..rated.taken).unwrap_or(facts);
        let book = Book::new(policy(&program), terms, || act.ids.next(act.now));
        let mut loaded = Self::of(program, book);
        loaded.terms_ids = versions.iter().map(|version| (version.number, version.id)).collect();
        (loaded.taken, loaded.is_more) = (facts.len(), rated.is_more);
        let filled = loaded.fill(conn, cursor, (facts, rated.sales), beside).await?;
        Ok(filled.map(|()| loaded).map_err(stopped))
    }

    /// A book with nothing beside it.
    pub(super) fn of(program: Program, book: Book<'a>) -> Self {
        Self {
            program,
            terms_ids: BTreeMap::new(),
            book,
            people: People::default(),
            sales: HashMap::new(),
            adjustments: HashMap::new(),
            readings: HashMap::new(),
            waiting: HashSet::new(),
            disputes: HashMap::new(),
            ratings: HashMap::new(),
            rewards: HashMap::new(),
            taken: 0,
            is_more: false,
        }
    }

    async fn fill(
        &mut self,
        conn: &mut AsyncPgConnection,
        cursor: &Cursor,
        (facts, unrated): (&[Fact], Vec<TransactionId>),
        beside: &Reach,
    ) -> QueryResult<Result<(), String>> {
        let program = self.program.clone();
        let new = sales_of(facts);
        self.sales = sales::load(conn, &program, &new).await?;
        let keys: Vec<&str> = self.sales.values().map(|sale| sale.row.key.as_str()).collect();
        let adjusted = LoadedAdjustments::load(conn, &program, &adjustments_of(facts), &keys).await?;
        let moved = past::load(conn, &program, &moved_of(facts), &self.numbers()).await?;
        let (moved, of_sign_ups) = match moved {
            Ok(moved) => moved,
            Err(why) => return Ok(Err(why)),
        };
        let wanted: BTreeSet<TransactionId> =
            adjusted.sales.iter().chain(&unrated).copied().chain(past::sales(&moved)).collect();
        let wanted: Vec<TransactionId> = wanted.into_iter().collect();
        let known = match known::load(conn, &program, &wanted).await? {
            Ok(known) => known,
            Err(why) => return Ok(Err(why)),
        };
        let customers: BTreeSet<CustomerId> = customers_of(facts)
            .into_iter()
            .chain(self.sales.values().map(|sale| sale.row.customer_id))
            .chain(known.iter().map(|known| known.state.customer))
            .chain(beside.customers.iter().copied())
            .collect();
        let mut named: BTreeSet<PartnerId> = partners_of(facts).into_iter().collect();
        named.extend(known.iter().flat_map(known::KnownSale::partners));
        named.extend(past::partners(&moved, &of_sign_ups));
        named.extend(beside.partners.iter().copied());
        self.people = People::load(conn, program.account_id, &customers, named).await?;
        let days = self.days(facts, &known, &moved).into_iter().chain(beside.days.iter().copied()).collect();
        self.tell_people();
        self.tell_known(known, &unrated);
        self.rate(conn, unrated.into_iter().chain(past::unrated(&moved)).collect()).await?;
        self.tell_past(moved, of_sign_ups);
        self.tell_adjustments(adjusted);
        self.tell_buyers(conn, &new).await?;
        self.tell_counters(conn, cursor, customers, days).await
    }

    /// The days in whose periods something may be counted.
    fn days(
        &self,
        facts: &[Fact],
        known: &[known::KnownSale],
        moved: &HashMap<CustomerId, Vec<Past>>,
    ) -> BTreeSet<chrono::NaiveDate> {
        let calendar = self.program.calendar();
        let told = facts.iter().filter_map(|fact| match &fact.what {
            What::Created(created) => Some(created.signed_up_at),
            What::Attributed(attributed) => Some(attributed.attributed_at),
            What::Confirmed(confirmed) => Some(confirmed.confirmed_at),
            What::Reassigned(made) => Some(made.attributed_at),
            _ => None,
        });
        let past = moved.values().flatten().map(|past| past.facts.occurred_at);
        let sold = self.sales.values().map(|sale| sale.row.occurred_at);
        let before = known.iter().map(|known| known.state.at);
        told.chain(sold).chain(before).chain(past).map(|at| calendar.day(at)).collect()
    }

    fn tell_people(&mut self) {
        for (id, state) in &self.people.partners {
            self.book.knows_partner(*id, state.clone());
        }
        for (id, state) in &self.people.customers {
            self.book.knows_customer(*id, state.clone());
        }
    }

    fn tell_known(&mut self, known: Vec<known::KnownSale>, unrated: &[TransactionId]) {
        let numbers = self.numbers();
        let waiting: HashMap<TransactionId, crate::rewards::Facts> =
            known.iter().map(|known| (known.id, known.facts.clone())).collect();
        for known in known {
            let rewards = known.tell(&mut self.book, &numbers);
            self.rewards.extend(rewards.into_iter().map(|reward| (reward.id, reward)));
        }
        for id in unrated {
            if let Some(facts) = waiting.get(id) {
                self.book.knows_unrated(*id, facts.clone());
            }
        }
    }

    /// Finds the rates that there are for sales which had none.
    async fn rate(&mut self, conn: &mut AsyncPgConnection, unrated: Vec<TransactionId>) -> QueryResult<()> {
        if unrated.is_empty() {
            return Ok(());
        }
        let rows: Vec<Transaction> = transactions::table
            .filter(transactions::account_id.eq(self.program.account_id))
            .filter(transactions::id.eq_any(unrated))
            .select(Transaction::as_select())
            .load(conn)
            .await?;
        self.ratings = sales::rates(conn, &self.program, &rows).await?;
        Ok(())
    }

    /// The numbers of the versions.
    fn numbers(&self) -> HashMap<TermsId, i32> {
        self.terms_ids.iter().map(|(number, id)| (*id, *number)).collect()
    }

    fn tell_past(&mut self, moved: HashMap<CustomerId, Vec<Past>>, of_sign_ups: Vec<Reward>) {
        let (numbers, calendar) = (self.numbers(), self.program.calendar());
        for reward in of_sign_ups {
            let source = rewards::source_of(&reward);
            let state = source.and_then(|source| rewards::reward_state(&reward, source, calendar, &numbers));
            if let Some(state) = state {
                self.book.knows_reward(reward.id, state);
            }
            self.rewards.insert(reward.id, reward);
        }
        for (customer, past) in moved {
            self.book.knows_past(customer, past);
        }
    }

    fn tell_adjustments(&mut self, adjusted: LoadedAdjustments) {
        for (chargeback, dispute) in adjusted.won {
            self.book.knows_won(chargeback.clone());
            self.disputes.insert(chargeback, dispute);
        }
        let beside: HashMap<String, Beside> = self
            .sales
            .values()
            .filter_map(|loaded| {
                let sale = loaded.sale.as_ref().ok()?;
                let (currency, gross, net, lines) = (sale.currency, sale.gross, sale.net, sale.lines.len());
                Some((sale.key.clone(), Beside { currency, gross, net, lines }))
            })
            .collect();
        let of_key = |key: Option<&str>| {
            let key = key?;
            let before = self.book.sale_of(key).and_then(|id| self.book.sale(id)).map(|sale| Beside {
                currency: sale.currency,
                gross: sale.gross,
                net: sale.net,
                lines: sale.nets.len(),
            });
            before.or_else(|| beside.get(key).copied())
        };
        let mut waits = Vec::new();
        for row in adjusted.waiting {
            let reading = adjustments::facts(&row, of_key(row.transaction_key.as_deref()));
            waits.extend(reading.as_ref().ok().cloned());
            self.readings.insert(row.id, reading);
            self.waiting.insert(row.id);
            self.adjustments.insert(row.id, row);
        }
        for row in adjusted.new.into_values() {
            self.readings.insert(row.id, adjustments::facts(&row, of_key(row.transaction_key.as_deref())));
            self.adjustments.insert(row.id, row);
        }
        for adjustment in waits {
            self.book.knows_waiting(adjustment);
        }
    }

    async fn tell_buyers(&mut self, conn: &mut AsyncPgConnection, new: &[TransactionId]) -> QueryResult<()> {
        buyers::twins(conn, &self.program, new, &mut self.book).await?;
        let is_void = |row: &&Adjustment| row.kind == AdjustmentKind::Void;
        let sales = self.adjustments.values().filter(is_void).filter_map(|row| {
            let key = row.transaction_key.as_deref()?;
            let before = self.book.sale_of(key).and_then(|id| self.book.sale(id)).map(|sale| sale.customer);
            before.or_else(|| {
                self.sales.values().find(|sale| sale.row.key == key).map(|sale| sale.row.customer_id)
            })
        });
        let customers: Vec<CustomerId> = sales.collect();
        buyers::counting(conn, &self.program, &customers, &mut self.book).await
    }

    async fn tell_counters(
        &mut self,
        conn: &mut AsyncPgConnection,
        cursor: &Cursor,
        customers: BTreeSet<CustomerId>,
        days: BTreeSet<chrono::NaiveDate>,
    ) -> QueryResult<Result<(), String>> {
        let (known, named) = (self.people.partners.keys(), self.people.partner_emails.keys());
        let partners: BTreeSet<PartnerId> = known.chain(named).copied().collect();
        self.tell_milestones(conn, &partners.iter().copied().collect::<Vec<_>>()).await?;
        if let Err(why) =
            tracked::ensure(conn, cursor, &self.program, self.book.versions(), &self.numbers()).await?
        {
            return Ok(Err(why));
        }
        let reach = Reach { partners, customers, days };
        let counted = self.book.counted_mut();
        counted.budget_spent = cursor.budget_spent;
        counters::load(conn, &self.program, reach, counted).await?;
        Ok(Ok(()))
    }
}

impl Loaded<'_> {
    /// Which steps are paid, and of those which the batch's adjustments may undo.
    async fn tell_milestones(
        &mut self,
        conn: &mut AsyncPgConnection,
        partners: &[PartnerId],
    ) -> QueryResult<()> {
        let has_some = milestones::paid(conn, &self.program, partners, &mut self.book).await?;
        let adjusted = self.readings.values().flatten().map(|adjustment| adjustment.at).min();
        let (Some(earliest), true) = (adjusted, has_some) else { return Ok(()) };
        let (numbers, calendar) = (self.numbers(), self.program.calendar());
        for reward in milestones::undoable(conn, &self.program, partners, earliest).await? {
            let source = rewards::source_of(&reward);
            let state = source.and_then(|source| rewards::reward_state(&reward, source, calendar, &numbers));
            if let Some(state) = state {
                self.book.knows_reward(reward.id, state);
            }
            self.rewards.insert(reward.id, reward);
        }
        Ok(())
    }
}

/// What of the program never changes while its facts are evaluated.
pub(super) fn policy(program: &Program) -> Policy {
    Policy {
        currency: program.currency,
        calendar: program.calendar(),
        grandfathering: program.grandfathering,
        budget: program.reward_budget,
    }
}

/// The published versions as they are evaluated.
pub(super) fn in_force(versions: &[Terms]) -> Result<Vec<TermsInForce>, String> {
    let read = |version: &Terms| {
        version.in_force().map_err(|error| format!("the rules of {} cannot be read: {error}", version.id))
    };
    versions.iter().filter_map(|version| read(version).transpose()).collect()
}

fn partners_of(facts: &[Fact]) -> Vec<PartnerId> {
    let partners = |fact: &Fact| match &fact.what {
        What::Partner(partner) => vec![Some(partner.partner_id), partner.upline],
        What::Created(created) => vec![created.partner_id],
        What::Attributed(attributed) => vec![Some(attributed.partner_id)],
        What::Reassigned(made) => vec![made.from_partner_id, made.to_partner_id],
        _ => Vec::new(),
    };
    facts.iter().flat_map(partners).flatten().collect()
}
