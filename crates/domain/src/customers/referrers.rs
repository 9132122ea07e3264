use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::CustomerId;

use super::{Customer, EnrolError};
use crate::{
    act::Act,
    attribution::Candidate,
    partners::Partner,
    programs::{Program, ProgramKind},
    schema::customers,
    scope::AccountScope,
    text,
};

/// Why the customer who is named as referring another does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferrerProblem {
    /// No such customer in the program.
    NotFound,
    /// Nobody refers themselves.
    Itself,
    /// In programs of this kind customers refer nobody.
    WrongKind {
        /// What kind of program it is.
        kind: ProgramKind,
    },
    /// It has no email address, and cannot be enrolled without.
    EmailMissing,
    /// The person of its address is a partner of the program already, and not as this customer.
    AlreadyPartner,
}

/// Whom the keys of referring customers lead to, trimmed.
pub(crate) type Referrers = HashMap<String, Result<Candidate, ReferrerProblem>>;

/// Whom this customer's referrer, named by key, leads to.
pub(crate) fn chosen<'a>(
    referrers: &'a Referrers,
    referring_key: &str,
    customer_key: &str,
) -> Result<&'a Candidate, ReferrerProblem> {
    if referring_key.trim() == customer_key {
        return Err(ReferrerProblem::Itself);
    }
    let found = referrers.get(referring_key.trim()).ok_or(ReferrerProblem::NotFound)?;
    found.as_ref().map_err(|problem| *problem)
}

/// Looks up the customers of these keys as referrers, and enrols who is not one yet: in transactions of their own, since it
/// stays true whatever becomes of the call. A key of nobody is left out.
pub(crate) async fn look_up(
    conn: &mut AsyncPgConnection,
    program: &Program,
    keys: impl Iterator<Item = &str>,
    act: &Act,
) -> QueryResult<Referrers> {
    // What is no key names nobody; PostgreSQL would refuse some of it.
    let keys: BTreeSet<String> = keys.filter_map(|key| text::line(key, 255).ok()).collect();
    if keys.is_empty() {
        return Ok(Referrers::new());
    }
    if !program.kind.customers_refer() {
        let problem = ReferrerProblem::WrongKind { kind: program.kind };
        return Ok(keys.into_iter().map(|key| (key, Err(problem))).collect());
    }
    let customers: Vec<Customer> = customers::table
        .filter(customers::program_id.eq(program.id))
        .filter(customers::key.eq_any(keys))
        .order(customers::key)
        .select(Customer::as_select())
        .load(conn)
        .await?;
    let ids: Vec<CustomerId> = customers.iter().map(|customer| customer.id).collect();
    let enrolled = Partner::of_customers(conn, &AccountScope::whole(program.account_id), &ids).await?;
    let mut referrers = Referrers::new();
    for customer in customers {
        let partner = enrolled.iter().find(|partner| partner.customer_id == Some(customer.id));
        let candidate = match partner {
            Some(partner) => Ok(Candidate::named(partner)),
            None => match customer.enrol_in(conn, program, None, act).await {
                Ok(partner) => Ok(Candidate::named(&partner)),
                Err(EnrolError::Database(error)) => return Err(error),
                Err(other) => Err(ReferrerProblem::of(&other)),
            },
        };
        referrers.insert(customer.key, candidate);
    }
    Ok(referrers)
}

impl ReferrerProblem {
    fn of(error: &EnrolError) -> Self {
        match error {
            EnrolError::EmailMissing => Self::EmailMissing,
            EnrolError::AlreadyPartner => Self::AlreadyPartner,
            EnrolError::WrongKind { kind } => Self::WrongKind { kind: *kind },
            // No key was asked for, and the program is open: it went away meanwhile.
            _ => Self::NotFound,
        }
    }
}
