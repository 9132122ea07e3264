use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, ProgramId};
use money::Currency;
use serde::Serialize;

use super::{
    AttributionModel, Cursor, Grandfathering, LinkStyle, Program, ProgramKind, ProgramStatus,
    settings::{Checks, slug_of},
};
use crate::{
    act::Act,
    audit, db,
    events::{self, EventKind, NewEvent},
    idempotency::{self, Claim},
    schema::programs,
    scope::AccountScope,
    text::FieldProblem,
};

/// A program to be created. What is left out gets the field's usual value: a slug made of the name, UTC, terms that
/// follow, links `?via=slug`, last click within 60 days, applications that a person approves, sales up to 90 days late.
#[derive(Debug, Clone, Serialize)]
pub struct NewProgram {
    /// Who brings customers, and when one counts; it stays.
    pub kind: ProgramKind,
    /// 1 to 200 characters.
    pub name: String,
    /// What rewards are paid in; fixed once terms are published.
    pub currency: Currency,
    /// 1 to 60 of `a-z`, `0-9`, `-`, `_`; unique in the account.
    pub slug: Option<String>,
    /// The site that partners send visitors to.
    pub website: Option<String>,
    /// IANA name; fixed once terms are published, or a partner came in.
    pub time_zone: Option<String>,
    /// Fixed once terms are published.
    pub grandfathering: Option<Grandfathering>,
    /// The query parameter of links.
    pub link_parameter: Option<String>,
    /// How links name their partner.
    pub link_style: Option<LinkStyle>,
    /// Which click wins.
    pub attribution_model: Option<AttributionModel>,
    /// 1 to 3,650 days.
    pub attribution_window_days: Option<i32>,
    /// Whether applications are approved at once.
    pub auto_approve: Option<bool>,
    /// 0 to 3,650 days.
    pub late_sale_days: Option<i32>,
    /// The same key again answers with the program of the first call.
    #[serde(skip)]
    pub idempotency_key: Option<String>,
}

/// Why a program was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// Another program of the account has the slug.
    #[error("the slug is taken")]
    SlugTaken,
    /// The idempotency key was used with other words.
    #[error("the idempotency key was used with other input")]
    IdempotencyMismatch,
    /// The credential is limited to some programs.
    #[error("limited to some programs")]
    Limited,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

#[derive(Insertable)]
#[diesel(table_name = programs)]
struct Row {
    id: ProgramId,
    account_id: AccountId,
    kind: ProgramKind,
    status: ProgramStatus,
    name: String,
    slug: String,
    website: Option<String>,
    currency: Currency,
    time_zone: String,
    grandfathering: Grandfathering,
    link_parameter: String,
    link_style: LinkStyle,
    attribution_model: AttributionModel,
    attribution_window_days: i32,
    auto_approve: bool,
    late_sale_days: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl NewProgram {
    fn checked(
        &self,
        id: ProgramId,
        account_id: AccountId,
        now: DateTime<Utc>,
    ) -> Result<Row, Vec<FieldProblem>> {
        let mut checks = Checks::default();
        checks.idempotency_key(self.idempotency_key.as_deref());
        let name = checks.name(Some(&self.name)).unwrap_or_default();
        let row = Row {
            id,
            account_id,
            kind: self.kind,
            status: ProgramStatus::Draft,
            slug: checks.slug(self.slug.as_deref()).unwrap_or_else(|| slug_of(&name)),
            name,
            website: checks.website(self.website.as_deref()),
            currency: self.currency,
            time_zone: checks.time_zone(self.time_zone.as_deref()).unwrap_or_else(|| "UTC".to_owned()),
            grandfathering: self.grandfathering.unwrap_or(Grandfathering::Follow),
            link_parameter: checks
                .link_parameter(self.link_parameter.as_deref())
                .unwrap_or_else(|| "via".to_owned()),
            link_style: self.link_style.unwrap_or(LinkStyle::Query),
            attribution_model: self.attribution_model.unwrap_or(AttributionModel::LastClick),
            attribution_window_days: checks
                .days("attributionWindowDays", self.attribution_window_days, 1)
                .unwrap_or(60),
            auto_approve: self.auto_approve.unwrap_or(false),
            late_sale_days: checks.days("lateSaleDays", self.late_sale_days, 0).unwrap_or(90),
            created_at: now,
            updated_at: now,
        };
        checks.done(row)
    }
}

impl Program {
    /// Creates a program as a draft.
    ///
    /// # Errors
    /// [`CreateError`].
    pub async fn create(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        new: &NewProgram,
        act: &Act,
    ) -> Result<Self, CreateError> {
        if !scope.is_whole() {
            return Err(CreateError::Limited);
        }
        let row =
            new.checked(act.ids.next(act.now), scope.account_id, act.now).map_err(CreateError::Invalid)?;
        let claim = new.idempotency_key.as_deref().map(|key| (key, idempotency::fingerprint(new)));
        let done = conn.transaction(async |conn| {
            if let Some((key, said)) = &claim {
                let object = row.id.to_string();
                match idempotency::claim(conn, row.account_id, ("programCreate", key), said, &object, act.now)
                    .await?
                {
                    Claim::New => {}
                    Claim::Mismatch => return Err(CreateError::IdempotencyMismatch),
                    Claim::Replayed(object) => return replayed(conn, scope, &object).await,
                }
            }
            write(conn, &row, act).await
        });
        done.await.map_err(|error| match error {
            CreateError::Database(error) if db::violated_constraint(&error) == Some("programs_slug_key") => {
                CreateError::SlugTaken
            }
            other => other,
        })
    }
}

async fn replayed(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    object: &str,
) -> Result<Program, CreateError> {
    let id = object.parse().map_err(|_| CreateError::IdempotencyMismatch)?;
    Program::find(conn, scope, id).await?.ok_or(CreateError::IdempotencyMismatch)
}

async fn write(conn: &mut AsyncPgConnection, row: &Row, act: &Act) -> Result<Program, CreateError> {
    let program: Program = diesel::insert_into(programs::table)
        .values(row)
        .returning(Program::as_returning())
        .get_result(conn)
        .await?;
    Cursor::create(conn, &program).await?;
    audit::record(conn, act, program.account_id, "programCreate", program.id, (None, Some(&program))).await?;
    events::record(conn, act, &[program.event(EventKind::ProgramCreated)]).await?;
    Ok(program)
}

impl Program {
    pub(super) fn event(&self, kind: EventKind) -> NewEvent {
        let payload = serde_json::json!({ "programId": self.id, "status": self.status });
        NewEvent::of_program(self.account_id, self.id, kind, self.id, &payload)
    }
}
