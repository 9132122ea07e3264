use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, CustomerId, ProgramId};

use super::{Customer, CustomerStatus, ReferrerProblem, UpsertAllError, UpsertRefusal};
use crate::{
    act::Act,
    attribution::{Attribution, Touch},
    programs::{Program, ProgramKind, ProgramStatus},
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
    /// Whether it gave the double opt-in, where one may be asked for; on a new customer true if absent. Never taken back.
    pub confirmed: Option<bool>,
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
    /// Nobody confirms in programs of this kind.
    #[error("the program is of the kind {kind}")]
    ConfirmsNobody {
        /// What kind of program it is.
        kind: ProgramKind,
    },
    /// The customer who is named refers nobody, or not this one.
    #[error("the referrer: {0:?}")]
    Referrer(ReferrerProblem),
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl From<UpsertAllError> for UpsertError {
    fn from(error: UpsertAllError) -> Self {
        match error {
            UpsertAllError::ProgramNotFound => Self::ProgramNotFound,
            UpsertAllError::WrongState { current } => Self::WrongState { current },
            UpsertAllError::Database(error) => Self::Database(error),
        }
    }
}

impl From<UpsertRefusal> for UpsertError {
    fn from(refusal: UpsertRefusal) -> Self {
        match refusal {
            UpsertRefusal::Invalid(fields) => Self::Invalid(fields),
            UpsertRefusal::TouchNotFound(touch) => Self::TouchNotFound(touch),
            UpsertRefusal::ConfirmsNobody { kind } => Self::ConfirmsNobody { kind },
            UpsertRefusal::Referrer(problem) => Self::Referrer(problem),
        }
    }
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
    pub(crate) signed_up_at: DateTime<Utc>,
    pub(crate) confirmed_at: Option<DateTime<Utc>>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

impl CustomerUpsert {
    /// Whether the sign-up's time counts: it is of the present, or of a customer whose attribution is settled.
    pub(super) async fn is_timely(
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

    pub(super) fn checked(
        &self,
        program: &Program,
        timely: bool,
        act: &Act,
    ) -> Result<Row, Vec<FieldProblem>> {
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
            signed_up_at: self.signed_up_at.unwrap_or(act.now),
            confirmed_at: (self.confirmed != Some(false)).then_some(act.now),
            created_at: act.now,
            updated_at: act.now,
        })
    }
}

impl Program {
    /// Whether a sign-up or sale of that time may be recorded now: at most 24 h ahead, not older than the late sale days.
    pub fn accepts_time(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        at <= now + TimeDelta::hours(24) && at >= now - TimeDelta::days(self.late_sale_days.into())
    }
}

impl Customer {
    /// Stores a customer by its key, as [`Customer::upsert_all`] does.
    ///
    /// # Errors
    /// [`UpsertError`].
    pub async fn upsert(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        said: &CustomerUpsert,
        act: &Act,
    ) -> Result<Self, UpsertError> {
        let mut stored =
            Self::upsert_all(conn, scope, said.program_id, std::slice::from_ref(said), act).await?;
        match stored.pop() {
            Some(Ok(customer)) => Ok(customer),
            Some(Err(refusal)) => Err(refusal.into()),
            None => Err(diesel::result::Error::NotFound.into()),
        }
    }
}
