use std::collections::{HashMap, HashSet};

use chrono::{DateTime, SubsecRound, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{CustomerId, PartnerId, ProgramId};
use serde::Serialize;

use super::{
    Customer, CustomerRow, CustomerUpsert, ReferrerProblem,
    checked::{Checked, check, look_up},
};
use crate::{
    act::Act,
    attribution::{Attributed, Candidate, Touch},
    audit,
    deltas::{Added, Deltas},
    events,
    programs::{Program, ProgramKind, ProgramStatus},
    schema::customers,
    scope::AccountScope,
    text::FieldProblem,
};

/// Rows of one INSERT: thirteen parameters each stay below PostgreSQL's 65,535.
const ROWS_PER_INSERT: usize = 2_000;

/// Why no customer was stored.
#[derive(Debug, thiserror::Error)]
pub enum UpsertAllError {
    /// No such program in reach.
    #[error("no such program")]
    ProgramNotFound,
    /// Drafts and archived programs have no customers.
    #[error("the program is {current}")]
    WrongState {
        /// Where the program stands.
        current: ProgramStatus,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

/// Why one customer of a call was not stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpsertRefusal {
    /// Fields that are refused, all at once.
    Invalid(Vec<FieldProblem>),
    /// No such link or partner in the program.
    TouchNotFound(Touch),
    /// Nobody confirms in programs of this kind.
    ConfirmsNobody {
        /// What kind of program it is.
        kind: ProgramKind,
    },
    /// The customer who is named refers nobody, or not this one.
    Referrer(ReferrerProblem),
}

/// What the audit trail keeps of an upsert. Which fields changed is worth a trace; what they say is personal data and is not.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Trail {
    created: bool,
    changed: Vec<&'static str>,
    attributed_to: Option<PartnerId>,
}

#[derive(AsChangeset)]
#[diesel(table_name = customers)]
struct Changes<'a> {
    email: Option<&'a str>,
    name: Option<&'a str>,
    country: Option<&'a str>,
    tags: Option<&'a [String]>,
    updated_at: DateTime<Utc>,
}

/// A customer as it is stored, and what was done for that.
struct Stored {
    customer: Customer,
    trail: Trail,
}

impl Customer {
    /// Stores customers of a program by their keys, and answers each by itself: made when it is new, changed where
    /// something else is said. An active program attributes a new customer through a link or a named partner, and one
    /// without partner through a named partner; an attribution, once there, stays. All that is stored commits together,
    /// and new customers take a handful of statements, however many they are.
    ///
    /// # Errors
    /// [`UpsertAllError`].
    pub async fn upsert_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        program_id: ProgramId,
        said: &[CustomerUpsert],
        act: &Act,
    ) -> Result<Vec<Result<Self, UpsertRefusal>>, UpsertAllError> {
        let program = Program::find(conn, scope, program_id).await?.ok_or(UpsertAllError::ProgramNotFound)?;
        if !program.status.accepts_sales() {
            return Err(UpsertAllError::WrongState { current: program.status });
        }
        // The database keeps microseconds: what is computed now must not be finer than what is read back.
        let cut = |said: &CustomerUpsert| CustomerUpsert {
            signed_up_at: said.signed_up_at.map(|at| at.trunc_subsecs(6)),
            ..said.clone()
        };
        let said: Vec<CustomerUpsert> = said.iter().map(cut).collect();
        let whom = look_up(conn, scope, &program, &said, act).await?;
        let mut answers = Vec::with_capacity(said.len());
        let mut checked = Vec::with_capacity(said.len());
        for (place, said) in said.iter().enumerate() {
            let timely = said.is_timely(conn, &program, act).await?;
            match check(&program, said, (place, timely), whom.as_ref(), act) {
                Ok(fine) => {
                    checked.push(fine);
                    answers.push(None);
                }
                Err(refusal) => answers.push(Some(Err(refusal))),
            }
        }
        // In one order everywhere: calls with common keys wait for each other, never in a circle.
        checked.sort_by(|one, other| one.row.key.cmp(&other.row.key));
        let stored = conn.transaction(async |conn| store(conn, &program, &checked, act).await).await?;
        for (checked, customer) in checked.iter().zip(stored) {
            if let Some(answer) = answers.get_mut(checked.place) {
                *answer = Some(Ok(customer));
            }
        }
        Ok(answers.into_iter().flatten().collect())
    }
}

/// Stores what was checked, and answers in the same order.
async fn store(
    conn: &mut AsyncPgConnection,
    program: &Program,
    checked: &[Checked<'_>],
    act: &Act,
) -> QueryResult<Vec<Customer>> {
    // Of those with one key the first may be new; what the others say is a change of it.
    let of_one = checked.chunk_by(|one, other| one.row.key == other.row.key);
    let partners: HashMap<CustomerId, PartnerId> = of_one.clone().filter_map(first_partner).collect();
    let firsts: Vec<CustomerRow> = of_one.filter_map(|all| Some(all.first()?.row.clone())).collect();
    let mut made: HashMap<CustomerId, Customer> = HashMap::new();
    for rows in firsts.chunks(ROWS_PER_INSERT) {
        let rows = insert_missing(conn, rows, &partners, act).await?;
        made.extend(rows.into_iter().map(|made| (made.id, made)));
    }
    let (mut stored, mut deltas) = (Vec::with_capacity(checked.len()), program.deltas());
    for one in checked {
        let (customer, created, changed) = match made.remove(&one.row.id) {
            Some(customer) => (customer, true, Vec::new()),
            None => {
                let (customer, fields) = change(conn, one, (program, &mut deltas), act).await?;
                (customer, false, fields)
            }
        };
        stored.push(Stored { customer, trail: Trail { created, changed, attributed_to: None } });
    }
    attribute(conn, program, checked, &mut stored, act).await?;
    count(&mut deltas, program, &stored, act);
    deltas.append(conn).await?;
    let noted = stored.iter().filter(|stored| stored.trail != Trail::default());
    let trails: Vec<_> =
        noted.map(|stored| (stored.customer.id.to_string(), None, Some(&stored.trail))).collect();
    audit::record_all(conn, act, program.account_id, "customerUpsert", &trails).await?;
    Ok(stored.into_iter().map(|stored| stored.customer).collect())
}

/// If the first of those with one key is made: its id, and the partner that [`attribute`] will then choose.
fn first_partner(of_one: &[Checked<'_>]) -> Option<(CustomerId, PartnerId)> {
    let (first, _) = of_one.split_first()?;
    let chosen = of_one.iter().find_map(|one| one.candidate_if(one.row.id == first.row.id))?;
    Some((first.row.id, chosen.partner_id))
}

/// Attributes whoever has nobody yet, and notes it.
async fn attribute(
    conn: &mut AsyncPgConnection,
    program: &Program,
    checked: &[Checked<'_>],
    stored: &mut [Stored],
    act: &Act,
) -> QueryResult<()> {
    let mut seen = HashSet::new();
    let mut to_attribute: Vec<Attributed<'_>> = Vec::new();
    for (one, stored) in checked.iter().zip(stored.iter()) {
        if let Some(candidate) = one.candidate_if(stored.trail.created)
            && seen.insert(stored.customer.id)
        {
            to_attribute.push(Attributed {
                customer_id: stored.customer.id,
                to: candidate,
                at: one.row.signed_up_at,
                is_confirmed: stored.customer.confirmed_at.is_some(),
                is_new: stored.trail.created,
            });
        }
    }
    let whose = (program.account_id, program.id);
    let made = Candidate::attribute_all(conn, whose, &to_attribute, act).await?;
    let mut partners: HashMap<CustomerId, PartnerId> = to_attribute
        .iter()
        .filter(|one| made.contains(&one.customer_id))
        .map(|one| (one.customer_id, one.to.partner_id))
        .collect();
    for stored in stored {
        stored.trail.attributed_to = partners.remove(&stored.customer.id);
    }
    Ok(())
}

/// One sign-up more.
pub(crate) const SIGNUP: Added =
    Added { signups: 1, applications: 0, partners: 0, paying_customers: 0, sales: 0, revenue: 0, rewards: 0 };

/// Adds customers who were just made to the program's figures, but for those who have to confirm first.
pub(crate) fn count_signups<'a>(
    deltas: &mut Deltas,
    program: &Program,
    made: impl IntoIterator<Item = &'a Customer>,
) {
    for at in made.into_iter().filter_map(|customer| customer.confirmed_at) {
        deltas.of_program(at, program.currency, SIGNUP);
    }
}

/// Counts customers as sign-ups when they are made, and as their partner's when they are attributed; whoever has to confirm,
/// then.
fn count(deltas: &mut Deltas, program: &Program, stored: &[Stored], act: &Act) {
    let made = stored.iter().filter(|stored| stored.trail.created);
    count_signups(deltas, program, made.map(|stored| &stored.customer));
    let confirmed = stored.iter().filter(|stored| stored.customer.confirmed_at.is_some());
    for partner_id in confirmed.filter_map(|stored| stored.trail.attributed_to) {
        deltas.of_partner(partner_id, act.now, program.currency, SIGNUP);
    }
}

/// Inserts the customers whose keys are new, with their events, and answers those. The caller then attributes them to these
/// partners.
pub(crate) async fn insert_missing(
    conn: &mut AsyncPgConnection,
    rows: &[CustomerRow],
    partners: &HashMap<CustomerId, PartnerId>,
    act: &Act,
) -> QueryResult<Vec<Customer>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let made: Vec<Customer> = diesel::insert_into(customers::table)
        .values(rows)
        .on_conflict((customers::program_id, customers::key))
        .do_nothing()
        .returning(Customer::as_returning())
        .get_results(conn)
        .await?;
    let news: Vec<_> =
        made.iter().map(|customer| customer.created(partners.get(&customer.id).copied())).collect();
    events::record(conn, act, &news).await?;
    Ok(made)
}

/// Changes a customer who was there, where something else is said.
async fn change(
    conn: &mut AsyncPgConnection,
    one: &Checked<'_>,
    (program, deltas): (&Program, &mut Deltas),
    act: &Act,
) -> QueryResult<(Customer, Vec<&'static str>)> {
    let (customer, mut changed) = change_fields(conn, &one.row, one.said, act).await?;
    if one.said.confirmed != Some(true) || customer.confirmed_at.is_some() {
        return Ok((customer, changed));
    }
    changed.push("confirmed");
    Ok((customer.confirm_locked(conn, program, deltas, act).await?, changed))
}

async fn change_fields(
    conn: &mut AsyncPgConnection,
    row: &CustomerRow,
    said: &CustomerUpsert,
    act: &Act,
) -> QueryResult<(Customer, Vec<&'static str>)> {
    let before: Customer = customers::table
        .filter(customers::program_id.eq(row.program_id))
        .filter(customers::key.eq(&row.key))
        .for_no_key_update()
        .select(Customer::as_select())
        .first(conn)
        .await?;
    let tags = said.tags.as_ref().map(|_| row.tags.as_slice());
    let texts = [
        ("email", &row.email, &before.email),
        ("name", &row.name, &before.name),
        ("country", &row.country, &before.country),
    ];
    let differ = texts.into_iter().filter(|(_, said, is)| said.is_some() && said != is);
    let mut changed: Vec<&str> = differ.map(|(field, ..)| field).collect();
    changed.extend(tags.filter(|tags| before.tags != *tags).map(|_| "tags"));
    if changed.is_empty() {
        return Ok((before, changed));
    }
    let (email, name, country) = (row.email.as_deref(), row.name.as_deref(), row.country.as_deref());
    let after: Customer = diesel::update(customers::table.find(before.id))
        .set(Changes { email, name, country, tags, updated_at: act.now })
        .returning(Customer::as_returning())
        .get_result(conn)
        .await?;
    events::record(conn, act, &[after.updated()]).await?;
    Ok((after, changed))
}
