use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{CustomerId, PartnerId, ProgramId, TermsId, TransactionId};
use money::Rate;

use super::{
    Uncomputable, bound,
    facts::{Fact, What},
    people::People,
    write::Outcome,
};
use crate::{
    act::Act,
    programs::Program,
    rewards::{AttributionFacts, SaleFacts, count::count_sale, evaluate},
    schema::{programs, transactions},
    scope::AccountScope,
    terms::{Terms, TermsInForce, choose_terms, self_referral_without_terms},
    transactions::{Transaction, TransactionItem},
};

/// Everything that the facts of a run are evaluated with, loaded at once.
pub(super) struct Batch {
    program: Program,
    terms: Vec<TermsInForce>,
    terms_ids: BTreeMap<i32, TermsId>,
    sales: HashMap<TransactionId, Transaction>,
    items: HashMap<TransactionId, Vec<TransactionItem>>,
    people: People,
    /// How many of the facts are loaded.
    taken: usize,
}

impl Batch {
    pub(super) async fn load(
        conn: &mut AsyncPgConnection,
        program_id: ProgramId,
        facts: &[Fact],
    ) -> QueryResult<Result<Self, Uncomputable>> {
        let program: Program =
            programs::table.find(program_id).select(Program::as_select()).first(conn).await?;
        let versions = Terms::published(conn, program.account_id, &[program_id]).await?;
        let terms_ids = versions.iter().map(|version| (version.number, version.id)).collect();
        let terms = match in_force(&versions, facts) {
            Ok(terms) => terms,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let taken = bound::affordable(conn, program.account_id, &terms, facts).await?;
        let facts = facts.get(..taken).unwrap_or(facts);
        let sales: Vec<Transaction> = transactions::table
            .filter(transactions::account_id.eq(program.account_id))
            .filter(transactions::id.eq_any(sales_of(facts)))
            .select(Transaction::as_select())
            .load(conn)
            .await?;
        let mut items: HashMap<TransactionId, Vec<TransactionItem>> = HashMap::new();
        let scope = AccountScope::whole(program.account_id);
        for item in TransactionItem::of(conn, &scope, &sales_of(facts)).await? {
            items.entry(item.transaction_id).or_default().push(item);
        }
        let buyers: Vec<CustomerId> = sales.iter().map(|sale| sale.customer_id).collect();
        let people = People::load(conn, program.account_id, &buyers, &partners_of(facts)).await?;
        let sales = sales.into_iter().map(|sale| (sale.id, sale)).collect();
        Ok(Ok(Self { program, terms, terms_ids, sales, items, people, taken }))
    }

    /// Goes through the facts that were loaded, in their order, up to the first that cannot be computed.
    pub(super) fn evaluate(mut self, facts: &[Fact], act: &Act) -> Outcome {
        let mut outcome = Outcome::default();
        outcome.is_cut = self.taken < facts.len();
        outcome.deltas = Some(self.program.deltas());
        for fact in facts.iter().take(self.taken) {
            match &fact.what {
                What::Partner { partner_id, status } => self.people.partner_changed(*partner_id, *status),
                What::Attributed(attributed) => self.people.attributed(attributed),
                What::Sale(id) => {
                    if fact.quiet {
                        outcome.quiet.insert(*id);
                    }
                    if let Err(error) = self.evaluate_sale(fact.position, *id, &mut outcome, act) {
                        outcome.stopped = Some(error);
                        break;
                    }
                }
            }
            outcome.last = Some(fact.position);
            outcome.facts += 1;
        }
        outcome.people = Some((self.people, self.program.account_id, self.program.id));
        outcome
    }

    fn evaluate_sale(
        &mut self,
        position: i64,
        id: TransactionId,
        outcome: &mut Outcome,
        act: &Act,
    ) -> Result<(), Uncomputable> {
        let uncomputable = |why: String| Uncomputable { position, why };
        let sale = self.sales.get(&id).ok_or_else(|| uncomputable(format!("there is no sale {id}")))?;
        let facts = self.facts_of(sale).map_err(&uncomputable)?;
        let attributed_at = facts.attribution.as_ref().map(|attribution| attribution.at);
        let terms = choose_terms(&self.terms, self.program.grandfathering, sale.occurred_at, attributed_at);
        let evaluation = evaluate(&facts, terms).map_err(|error| uncomputable(error.to_string()))?;
        let terms_id = terms.and_then(|terms| self.terms_ids.get(&terms.number).copied());
        outcome.add(sale, position, (&facts, terms, terms_id), evaluation, act).map_err(uncomputable)?;
        let is_first = sale.counts() && self.people.pays_first(sale.customer_id);
        if let Some(deltas) = &mut outcome.deltas {
            let partner = facts.attribution.as_ref().map(|attribution| attribution.partner);
            count_sale(deltas, sale, partner, is_first);
        }
        Ok(())
    }

    fn facts_of(&self, sale: &Transaction) -> Result<SaleFacts<PartnerId>, String> {
        let items = self.items.get(&sale.id).map(Vec::as_slice).unwrap_or_default();
        let lines = sale.lines(items).map_err(|error| error.to_string())?;
        let attribution = self.people.attribution(sale.customer_id).map(|(partner, at)| AttributionFacts {
            partner,
            at,
            partner_approved: self.people.is_approved(partner),
            self_referred: self.people.same_person(sale.customer_id, partner),
        });
        Ok(SaleFacts {
            occurred_at: sale.occurred_at,
            currency: sale.currency,
            gross: sale.gross,
            net: lines.net,
            lines: lines.lines,
            rewardable: sale.rewardable,
            program_currency: self.program.currency,
            rate: (sale.currency == self.program.currency).then_some(Rate::ONE),
            attribution,
            self_referral_without_terms: self_referral_without_terms(&self.terms),
        })
    }
}

fn in_force(versions: &[Terms], facts: &[Fact]) -> Result<Vec<TermsInForce>, Uncomputable> {
    let position = facts.first().map_or(0, |fact| fact.position);
    let read = |version: &Terms| {
        version.in_force().map_err(|error| Uncomputable {
            position,
            why: format!("the rules of {} cannot be read: {error}", version.id),
        })
    };
    versions.iter().filter_map(|version| read(version).transpose()).collect()
}

pub(super) fn sales_of(facts: &[Fact]) -> Vec<TransactionId> {
    let sale = |fact: &Fact| match fact.what {
        What::Sale(id) => Some(id),
        _ => None,
    };
    facts.iter().filter_map(sale).collect()
}

fn partners_of(facts: &[Fact]) -> Vec<PartnerId> {
    let partner = |fact: &Fact| match &fact.what {
        What::Attributed(attributed) => Some(attributed.partner_id),
        _ => None,
    };
    facts.iter().filter_map(partner).collect()
}
