//! A program's whole feed read into one book that stays in memory, and that nobody writes down.

use std::{
    collections::{BTreeSet, HashMap},
    mem,
};

use diesel::{
    QueryableByName,
    dsl::sql,
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt, Bool, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AdjustmentId, CustomerId, PartnerId, ProgramId, RewardId, TransactionId, TypedId};
use uuid::Uuid;

use super::{
    Uncomputable, batch,
    facts::{self, Fact, What, adjustments_of, sales_of},
    load::{self, Loaded, adjustments::Beside},
    outcome::Outcome,
};
use crate::{
    adjustments::Adjustment,
    attribution::ReassignedPayload,
    events::EventKind,
    programs::Program,
    rewards::{Book, Effect},
    schema::{adjustments, customers, events, partner_profiles, partners, transactions},
    terms::TermsInForce,
};

/// How many facts are in memory at once.
const CHUNK: i64 = 5_000;

const COUNT: &str = "\
    SELECT count(*) AS count FROM (SELECT 1 FROM events WHERE program_id = $1 AND position <= $2 AND kind = ANY ($3) LIMIT $4) e";

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The feed of a program, from its beginning up to a position.
pub struct Replay {
    loaded: Loaded<'static>,
    behind: i64,
    up_to: i64,
}

impl Replay {
    /// Begins before the first fact, with these versions of the terms.
    ///
    /// # Errors
    /// The database's.
    pub async fn begin(
        conn: &mut AsyncPgConnection,
        program: &Program,
        versions: Vec<TermsInForce>,
        up_to: i64,
    ) -> QueryResult<Self> {
        let mut made = 0_u128;
        let next_reward = move || {
            made += 1;
            RewardId::from_uuid(Uuid::from_u128(made))
        };
        let mut book = Book::new(load::policy(program), versions, next_reward);
        for customer in moved(conn, program, up_to).await? {
            book.knows_past(customer, Vec::new());
        }
        Ok(Self { loaded: Loaded::of(program.clone(), book), behind: 0, up_to })
    }

    /// How many facts of the program stand up to that position, counted up to `cap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(
        conn: &mut AsyncPgConnection,
        program_id: ProgramId,
        up_to: i64,
        cap: i64,
    ) -> QueryResult<i64> {
        let kinds: Vec<&str> = facts::FACTS.iter().map(|kind| kind.as_str()).collect();
        let counted: Counted = sql_query(COUNT)
            .bind::<SqlUuid, _>(program_id)
            .bind::<BigInt, _>(up_to)
            .bind::<Array<Text>, _>(kinds)
            .bind::<BigInt, _>(cap)
            .get_result(conn)
            .await?;
        Ok(counted.count)
    }

    /// Hands the next facts to the book, and what each did to `note`. Answers how many there were; with none it has ended.
    ///
    /// # Errors
    /// The database's.
    pub async fn next(
        &mut self,
        conn: &mut AsyncPgConnection,
        mut note: impl FnMut(Vec<Effect>),
    ) -> QueryResult<Result<usize, Uncomputable>> {
        let program_id = self.loaded.program.id;
        let read = facts::read_between(conn, program_id, (self.behind, self.up_to), CHUNK).await?;
        self.fill(conn, &read.facts).await?;
        let mut outcome = Outcome::default();
        for fact in &read.facts {
            match batch::take(&mut self.loaded, fact, &mut outcome) {
                Ok(effects) => note(effects),
                Err(why) => return Ok(Err(Uncomputable { position: fact.position, why })),
            }
            self.forget_twins(fact);
        }
        self.behind = read.facts.last().map_or(self.behind, |fact| fact.position);
        Ok(read.unreadable.map_or(Ok(read.facts.len()), Err))
    }

    /// What the facts so far have come to.
    pub fn book(&self) -> &Book<'static> {
        &self.loaded.book
    }

    /// Replaces what the facts before were evaluated with.
    async fn fill(&mut self, conn: &mut AsyncPgConnection, facts: &[Fact]) -> QueryResult<()> {
        let Loaded { program, sales, readings, people, book, .. } = &mut self.loaded;
        *sales = load::sales::load(conn, program, &sales_of(facts)).await?;
        people.customer_emails = customer_emails(conn, program, facts).await?;
        people.partner_emails = partner_emails(conn, program, facts).await?;
        *readings = HashMap::new();
        let rows = adjusted(conn, program, &adjustments_of(facts)).await?;
        let named: BTreeSet<&str> = rows.iter().filter_map(|row| row.transaction_key.as_deref()).collect();
        let beside = beside(conn, program, book, named).await?;
        for row in &rows {
            let sale = row.transaction_key.as_ref().and_then(|key| beside.get(key)).copied();
            readings.insert(row.id, load::adjustments::facts(row, sale));
        }
        Ok(())
    }

    /// Earlier sales are compared only if some version asks for that; else a customer of many sales would be slow.
    fn forget_twins(&mut self, fact: &Fact) {
        let What::Sale(id) = fact.what else { return };
        let is_asked =
            self.loaded.book.versions().iter().any(|version| version.duplicate_sale_minutes.is_some());
        let buyer = self.loaded.sales.get(&id).map(|sale| sale.row.customer_id);
        let buyer = buyer.filter(|_| !is_asked).and_then(|id| self.loaded.book.customer_mut(id));
        if let Some(customer) = buyer {
            drop(mem::take(&mut customer.recent));
        }
    }
}

/// The customers whose past goes with them to another partner: only theirs is remembered.
async fn moved(
    conn: &mut AsyncPgConnection,
    program: &Program,
    up_to: i64,
) -> QueryResult<BTreeSet<CustomerId>> {
    let payloads: Vec<serde_json::Value> = events::table
        .filter(events::program_id.eq(program.id))
        .filter(events::position.le(up_to))
        .filter(events::kind.eq(EventKind::CustomerReassigned))
        .filter(sql::<Bool>("payload ->> 'pastRewards' = 'MOVE'"))
        .select(events::payload)
        .load(conn)
        .await?;
    // One that cannot be read stops the replay when it comes.
    let read = payloads.into_iter().filter_map(|payload| serde_json::from_value(payload).ok());
    Ok(read.map(|made: ReassignedPayload| made.customer_id).collect())
}

async fn customer_emails(
    conn: &mut AsyncPgConnection,
    program: &Program,
    facts: &[Fact],
) -> QueryResult<HashMap<CustomerId, String>> {
    let created = facts.iter().filter_map(|fact| match &fact.what {
        What::Created(created) => Some(created.customer_id),
        _ => None,
    });
    let created: Vec<CustomerId> = created.collect();
    if created.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(CustomerId, Option<String>)> = customers::table
        .filter(customers::account_id.eq(program.account_id))
        .filter(customers::id.eq_any(created))
        .select((customers::id, customers::email))
        .load(conn)
        .await?;
    Ok(rows.into_iter().filter_map(|(id, email)| Some((id, email?))).collect())
}

async fn partner_emails(
    conn: &mut AsyncPgConnection,
    program: &Program,
    facts: &[Fact],
) -> QueryResult<HashMap<PartnerId, String>> {
    let named = facts.iter().filter_map(|fact| match &fact.what {
        What::Partner(partner) => Some(partner.partner_id),
        _ => None,
    });
    let named: BTreeSet<PartnerId> = named.collect();
    if named.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(PartnerId, String)> = partners::table
        .inner_join(partner_profiles::table.on(partner_profiles::id.eq(partners::profile_id)))
        .filter(partners::account_id.eq(program.account_id))
        .filter(partners::id.eq_any(named))
        .select((partners::id, partner_profiles::email))
        .load(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

async fn adjusted(
    conn: &mut AsyncPgConnection,
    program: &Program,
    ids: &[AdjustmentId],
) -> QueryResult<Vec<Adjustment>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    adjustments::table
        .filter(adjustments::account_id.eq(program.account_id))
        .filter(adjustments::id.eq_any(ids))
        .select(Adjustment::as_select())
        .load(conn)
        .await
}

/// The sales of these keys, as adjustments are read beside them: also of those that only come later in the feed.
async fn beside(
    conn: &mut AsyncPgConnection,
    program: &Program,
    book: &Book<'_>,
    keys: BTreeSet<&str>,
) -> QueryResult<HashMap<String, Beside>> {
    let mut found = HashMap::new();
    let mut unknown = Vec::new();
    for key in keys {
        match book.sale_of(key).and_then(|id| book.sale(id)) {
            Some(sale) => {
                let (currency, gross, net, lines) = (sale.currency, sale.gross, sale.net, sale.nets.len());
                found.insert(key.to_owned(), Beside { currency, gross, net, lines });
            }
            None => unknown.push(key),
        }
    }
    if unknown.is_empty() {
        return Ok(found);
    }
    let ids: Vec<TransactionId> = transactions::table
        .filter(transactions::program_id.eq(program.id))
        .filter(transactions::key.eq_any(unknown))
        .select(transactions::id)
        .load(conn)
        .await?;
    for sale in load::sales::load(conn, program, &ids).await?.into_values().filter_map(|sale| sale.sale.ok())
    {
        let (currency, gross, net, lines) = (sale.currency, sale.gross, sale.net, sale.lines.len());
        found.insert(sale.key, Beside { currency, gross, net, lines });
    }
    Ok(found)
}
