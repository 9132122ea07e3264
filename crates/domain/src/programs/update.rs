use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::ProgramId;
use money::Currency;
use rust_decimal::Decimal;

use super::{AttributionModel, Grandfathering, LinkStyle, Program, ProgramStatus, settings::Checks};
use crate::{
    act::Act,
    audit, db,
    deltas::Deltas,
    events::{self, EventKind},
    schema::programs,
    scope::AccountScope,
    text::FieldProblem,
};

/// Changes of settings; what is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct ProgramChanges {
    /// See [`super::NewProgram`].
    pub name: Option<String>,
    /// See [`super::NewProgram`].
    pub slug: Option<String>,
    /// See [`super::NewProgram`].
    pub website: Option<String>,
    /// Fixed once terms are published, or a partner came in.
    pub time_zone: Option<String>,
    /// Fixed once terms are published.
    pub grandfathering: Option<Grandfathering>,
    /// See [`super::NewProgram`].
    pub link_parameter: Option<String>,
    /// See [`super::NewProgram`].
    pub link_style: Option<LinkStyle>,
    /// See [`super::NewProgram`].
    pub attribution_model: Option<AttributionModel>,
    /// See [`super::NewProgram`].
    pub attribution_window_days: Option<i32>,
    /// See [`super::NewProgram`].
    pub auto_approve: Option<bool>,
    /// See [`super::NewProgram`].
    pub late_sale_days: Option<i32>,
    /// The most that its money rewards may come to, in major units of its currency, at least 0; `Some(None)` takes the
    /// bound away.
    pub reward_budget: Option<Option<(Decimal, Currency)>>,
}

/// Why a program was not updated.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// No such program in reach.
    #[error("no such program")]
    NotFound,
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// Another program of the account has the slug.
    #[error("the slug is taken")]
    SlugTaken,
    /// Archived programs stay as they are.
    #[error("the program is {current}")]
    WrongState {
        /// Where the program stands.
        current: ProgramStatus,
    },
    /// The budget is of another currency than the program.
    #[error("the program is in {program}")]
    OtherCurrency {
        /// The program's currency.
        program: Currency,
    },
    /// The field is fixed, because terms are published.
    #[error("{field} is fixed once terms are published")]
    FixedByTerms {
        /// The GraphQL name of the field.
        field: &'static str,
    },
    /// The time zone is fixed, because partners were counted by its days.
    #[error("the time zone is fixed once a partner came in")]
    ZoneFixedByPartners,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

#[derive(AsChangeset)]
#[diesel(table_name = programs)]
struct Row {
    name: Option<String>,
    slug: Option<String>,
    website: Option<String>,
    time_zone: Option<String>,
    grandfathering: Option<Grandfathering>,
    link_parameter: Option<String>,
    link_style: Option<LinkStyle>,
    attribution_model: Option<AttributionModel>,
    attribution_window_days: Option<i32>,
    auto_approve: Option<bool>,
    late_sale_days: Option<i32>,
    reward_budget: Option<Option<i64>>,
    updated_at: DateTime<Utc>,
}

impl ProgramChanges {
    fn checked(&self, now: DateTime<Utc>) -> Result<Row, Vec<FieldProblem>> {
        let mut checks = Checks::default();
        let row = Row {
            name: checks.name(self.name.as_deref()),
            slug: checks.slug(self.slug.as_deref()),
            website: checks.website(self.website.as_deref()),
            time_zone: checks.time_zone(self.time_zone.as_deref()),
            grandfathering: self.grandfathering,
            link_parameter: checks.link_parameter(self.link_parameter.as_deref()),
            link_style: self.link_style,
            attribution_model: self.attribution_model,
            attribution_window_days: checks.days("attributionWindowDays", self.attribution_window_days, 1),
            auto_approve: self.auto_approve,
            late_sale_days: checks.days("lateSaleDays", self.late_sale_days, 0),
            reward_budget: checks.budget(self.reward_budget),
            updated_at: now,
        };
        checks.done(row)
    }

    fn touches_fixed(&self, before: &Program) -> Option<&'static str> {
        let other_zone = self.touches_time_zone(before);
        let other_policy = self.grandfathering.is_some_and(|policy| policy != before.grandfathering);
        other_zone.then_some("timeZone").or_else(|| other_policy.then_some("grandfathering"))
    }

    fn touches_time_zone(&self, before: &Program) -> bool {
        self.time_zone.as_ref().is_some_and(|zone| *zone != before.time_zone)
    }
}

impl Program {
    /// Changes settings of the program `id`.
    ///
    /// # Errors
    /// [`UpdateError`].
    pub async fn update(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: ProgramId,
        changes: &ProgramChanges,
        act: &Act,
    ) -> Result<Self, UpdateError> {
        let row = changes.checked(act.now).map_err(UpdateError::Invalid)?;
        let done = conn.transaction(async |conn| {
            let before = Self::find_locked(conn, scope, id).await?.ok_or(UpdateError::NotFound)?;
            if before.status == ProgramStatus::Archived {
                return Err(UpdateError::WrongState { current: before.status });
            }
            if changes.reward_budget.flatten().is_some_and(|(_, currency)| currency != before.currency) {
                return Err(UpdateError::OtherCurrency { program: before.currency });
            }
            if let Some(field) = changes.touches_fixed(&before)
                && before.has_published_terms(conn).await?
            {
                return Err(UpdateError::FixedByTerms { field });
            }
            // Whoever counts the first partner holds the program's row until then; drafts have no sales and no customers.
            if changes.touches_time_zone(&before) && Deltas::any(conn, before.account_id, before.id).await? {
                return Err(UpdateError::ZoneFixedByPartners);
            }
            let after: Self = diesel::update(programs::table.find(before.id))
                .set(&row)
                .returning(Self::as_returning())
                .get_result(conn)
                .await?;
            audit::record(
                conn,
                act,
                after.account_id,
                "programUpdate",
                after.id,
                (Some(&before), Some(&after)),
            )
            .await?;
            events::record(conn, act, &[after.event(EventKind::ProgramUpdated)]).await?;
            Ok(after)
        });
        done.await.map_err(|error| match error {
            UpdateError::Database(error) if db::violated_constraint(&error) == Some("programs_slug_key") => {
                UpdateError::SlugTaken
            }
            other => other,
        })
    }
}
