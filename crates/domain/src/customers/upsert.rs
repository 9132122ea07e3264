use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, CustomerId, PartnerId, ProgramId};
use serde::Serialize;

use super::{Customer, CustomerPayload, CustomerStatus};
use crate::{
    act::Act,
    attribution::{Attribution, AttributionSource, Touch, TouchError},
    audit,
    deltas::{Added, Deltas},
    events::{self, EventKind, NewEvent},
    programs::{Program, ProgramStatus},
    schema::customers,
    scope::AccountScope,
    text::{self, FieldProblem, TextProblem},
};

/// A customer as the caller knows it. What is `None` is left as it is, or empty on a new customer.
#[derive(Debug, Clone)]
pub struct CustomerUpsert {
    /// The program.
    pub program_id: ProgramId,
    /// The caller's name for the customer: 1 to 255 characters, unique in the program.
    pub key: String,
    /// For the self-referral check.
    pub email: Option<String>,
    /// Up to 200 characters.
    pub name: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Up to 50 of up to 50 characters.
    pub tags: Option<Vec<String>>,
    /// Whom it came through.
    pub touch: Option<Touch>,
    /// When it signed up, cut to microseconds; now if absent. At most 24 h ahead, and not older than the program's late sale days, unless the
    /// customer is known and nothing begins then.
    pub signed_up_at: Option<DateTime<Utc>>,
}

/// Why the customer was not stored.
#[derive(Debug, thiserror::Error)]
pub enum UpsertError {
    /// No such program in reach.
    #[error("no such program")]
    ProgramNotFound,
    /// No such link or partner in the program.
    #[error("no such {0:?}")]
    TouchNotFound(Touch),
    /// Drafts and archived programs have no customers.
    #[error("the program is {current}")]
    WrongState {
        /// Where the program stands.
        current: ProgramStatus,
    },
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

/// A new customer's row.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = customers)]
pub(crate) struct Row {
    pub(crate) id: CustomerId,
    pub(crate) account_id: AccountId,
    pub(crate) program_id: ProgramId,
    pub(crate) key: String,
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) status: CustomerStatus,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
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

impl CustomerUpsert {
    /// Whether the sign-up's time counts: it is of the present, or of a customer whose attribution is settled.
    async fn is_timely(
        &self,
        conn: &mut AsyncPgConnection,
        program: &Program,
        act: &Act,
    ) -> QueryResult<bool> {
        if program.accepts_time(self.signed_up_at.unwrap_or(act.now), act.now) {
            return Ok(true);
        }
        let known: Option<CustomerId> = customers::table
            .filter(customers::program_id.eq(program.id))
            .filter(customers::key.eq(self.key.trim()))
            .select(customers::id)
            .first(conn)
            .await
            .optional()?;
        let Some(known) = known else { return Ok(false) };
        if self.touch.is_none() {
            return Ok(true);
        }
        let scope = AccountScope::whole(program.account_id);
        Ok(!Attribution::active_of(conn, &scope, &[known]).await?.is_empty())
    }

    fn checked(&self, program: &Program, timely: bool, act: &Act) -> Result<Row, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let mut note = |field, problem| problems.push(FieldProblem::of(field, problem));
        let mut optional =
            |field, value: Option<&String>, check: &dyn Fn(&str) -> Result<String, TextProblem>| {
                value.and_then(|value| check(value).map_err(|problem| note(field, problem)).ok())
            };
        let key = optional("key", Some(&self.key), &|key| text::line(key, 255));
        let email = optional("email", self.email.as_ref(), &|email| text::email(email));
        let name = optional("name", self.name.as_ref(), &|name| text::line(name, 200));
        let country = optional("country", self.country.as_ref(), &|country| text::country(country));
        let tags =
            text::tags(self.tags.as_deref().unwrap_or_default()).map_err(|problem| note("tags", problem));
        if !timely {
            note("signedUpAt", TextProblem::Malformed);
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Row {
            id: act.ids.next(act.now),
            account_id: program.account_id,
            program_id: program.id,
            key: key.unwrap_or_default(),
            email,
            name,
            country,
            tags: tags.unwrap_or_default(),
            status: CustomerStatus::Lead,
            created_at: act.now,
            updated_at: act.now,
        })
    }
}

impl From<TouchError> for UpsertError {
    fn from(error: TouchError) -> Self {
        match error {
            TouchError::NotFound(touch) => Self::TouchNotFound(touch),
            TouchError::Database(error) => Self::Database(error),
        }
    }
}

impl Program {
    /// Whether a sign-up or sale of that time may be recorded now: at most 24 h ahead, not older than the late sale days.
    pub fn accepts_time(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        at <= now + TimeDelta::hours(24) && at >= now - TimeDelta::days(self.late_sale_days.into())
    }
}

impl Customer {
    /// Stores a customer by its key: made when it is new, changed where something else is said. An active program
    /// attributes a new customer through a link or a named partner, and one without partner through a named partner;
    /// an attribution, once there, stays.
    ///
    /// # Errors
    /// [`UpsertError`].
    pub async fn upsert(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        said: &CustomerUpsert,
        act: &Act,
    ) -> Result<Self, UpsertError> {
        // The database keeps microseconds: what is computed now must not be finer than what is read back.
        let signed_up_at = said.signed_up_at.map(|at| at.trunc_subsecs(6));
        let said = &CustomerUpsert { signed_up_at, ..said.clone() };
        let program =
            Program::find(conn, scope, said.program_id).await?.ok_or(UpsertError::ProgramNotFound)?;
        if !program.status.accepts_sales() {
            return Err(UpsertError::WrongState { current: program.status });
        }
        let timely = said.is_timely(conn, &program, act).await?;
        let row = said.checked(&program, timely, act).map_err(UpsertError::Invalid)?;
        let candidate = match &said.touch {
            Some(touch) if program.status.attributes() => touch.look_up(conn, scope, program.id).await?,
            _ => None,
        };
        conn.transaction(async |conn| {
            let mut trail = Trail::default();
            let (customer, is_new) = match insert_missing(conn, std::slice::from_ref(&row), act).await?.pop()
            {
                Some(customer) => (customer, true),
                None => {
                    let (customer, fields) = change(conn, &row, said, act).await?;
                    trail.changed = fields;
                    (customer, false)
                }
            };
            trail.created = is_new;
            let counts = candidate.filter(|candidate| is_new || candidate.source != AttributionSource::Link);
            if let Some(candidate) = counts {
                let at = said.signed_up_at.unwrap_or(act.now);
                let whom = (customer.account_id, customer.program_id, customer.id);
                let is_made = candidate.attribute(conn, whom, at, act).await?;
                trail.attributed_to = is_made.then_some(candidate.partner_id);
            }
            count(conn, &program, &customer, &trail, act).await?;
            if trail != Trail::default() {
                let (action, change) = ("customerUpsert", (None, Some(&trail)));
                audit::record(conn, act, customer.account_id, action, customer.id, change).await?;
            }
            Ok(customer)
        })
        .await
    }
}

/// Inserts the customers whose keys are new, with their events, and answers those.
pub(crate) async fn insert_missing(
    conn: &mut AsyncPgConnection,
    rows: &[Row],
    act: &Act,
) -> QueryResult<Vec<Customer>> {
    let made: Vec<Customer> = diesel::insert_into(customers::table)
        .values(rows)
        .on_conflict((customers::program_id, customers::key))
        .do_nothing()
        .returning(Customer::as_returning())
        .get_results(conn)
        .await?;
    let news: Vec<_> = made.iter().map(|customer| customer.event(EventKind::CustomerCreated)).collect();
    events::record(conn, act, &news).await?;
    Ok(made)
}

const SIGNUP: Added =
    Added { signups: 1, applications: 0, partners: 0, paying_customers: 0, sales: 0, revenue: 0, rewards: 0 };

/// Adds customers who were just made to the program's figures.
pub(crate) fn count_signups(deltas: &mut Deltas, program: &Program, made: &[Customer]) {
    for customer in made {
        deltas.of_program(customer.created_at, program.currency, SIGNUP);
    }
}

/// Counts a customer as a sign-up when it is made, and as its partner's when it is attributed.
async fn count(
    conn: &mut AsyncPgConnection,
    program: &Program,
    customer: &Customer,
    trail: &Trail,
    act: &Act,
) -> QueryResult<()> {
    let mut deltas = program.deltas();
    if trail.created {
        count_signups(&mut deltas, program, std::slice::from_ref(customer));
    }
    if let Some(partner_id) = trail.attributed_to {
        deltas.of_partner(partner_id, act.now, program.currency, SIGNUP);
    }
    deltas.append(conn).await
}

async fn change(
    conn: &mut AsyncPgConnection,
    row: &Row,
    said: &CustomerUpsert,
    act: &Act,
) -> Result<(Customer, Vec<&'static str>), UpsertError> {
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
    events::record(conn, act, &[after.event(EventKind::CustomerUpdated)]).await?;
    Ok((after, changed))
}

impl Customer {
    fn event(&self, kind: EventKind) -> NewEvent {
        let payload = CustomerPayload { customer_id: self.id };
        NewEvent::of_program(self.account_id, self.program_id, kind, self.id, &payload)
    }
}
