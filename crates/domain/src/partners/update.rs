use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{GroupId, PartnerId};
use serde::Serialize;

use super::{Partner, PartnerProfile, UplineProblem, upline};
use crate::{
    act::Act,
    audit, db,
    events::{self, EventKind},
    programs::Program,
    schema::{partner_profiles, partners},
    scope::AccountScope,
    text::{self, Checks, FieldProblem},
};

/// Changes of a partner; what is `None` stays as it is. Name, email and country are the profile's, and change for all
/// its partners.
#[derive(Debug, Clone, Default)]
pub struct PartnerChanges {
    /// 1 to 200 characters.
    pub name: Option<String>,
    /// Unique in the account whatever the case.
    pub email: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// All of them; at most 50 of 1 to 50 characters.
    pub tags: Option<Vec<String>>,
    /// A group of the program, or none.
    pub group_id: Option<Option<GroupId>>,
    /// Who recruited it, a partner of the program, or nobody.
    pub upline_id: Option<Option<PartnerId>>,
}

/// Why a partner was not updated.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// No such partner in reach.
    #[error("no such partner")]
    NotFound,
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// No such group in the program.
    #[error("no such group")]
    GroupNotFound,
    /// The upline may not be one.
    #[error("the upline: {0:?}")]
    Upline(UplineProblem),
    /// Another profile of the account has the address.
    #[error("the email is taken")]
    EmailTaken,
    /// The profile is also a partner's of programs beyond reach, and would change there too.
    #[error("the profile is shared beyond reach")]
    Shared,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

#[derive(AsChangeset)]
#[diesel(table_name = partner_profiles)]
struct ProfileRow {
    name: Option<String>,
    email: Option<String>,
    country: Option<String>,
    updated_at: DateTime<Utc>,
}

#[derive(AsChangeset)]
#[diesel(table_name = partners)]
struct Row {
    tags: Option<Vec<String>>,
    group_id: Option<Option<GroupId>>,
    upline_id: Option<Option<PartnerId>>,
    updated_at: DateTime<Utc>,
}

/// What the audit trail keeps: the partner, and which fields of the profile changed. Their values are personal data,
/// which the trail, being append-only, could never forget.
#[derive(Serialize)]
struct Trail<'a> {
    #[serde(flatten)]
    partner: &'a Partner,
    profile_fields: &'a [&'static str],
}

impl PartnerChanges {
    fn checked(&self, now: DateTime<Utc>) -> Result<(ProfileRow, Row), Vec<FieldProblem>> {
        let mut checks = Checks::default();
        let profile = ProfileRow {
            name: self.name.as_deref().and_then(|name| checks.take("name", text::line(name, 200))),
            email: self.email.as_deref().and_then(|email| checks.take("email", text::email(email))),
            country: self.country.as_deref().and_then(|code| checks.take("country", text::country(code))),
            updated_at: now,
        };
        let tags = self.tags.as_deref().and_then(|tags| checks.take("tags", text::tags(tags)));
        let (group_id, upline_id) = (self.group_id, self.upline_id);
        checks.done((profile, Row { tags, group_id, upline_id, updated_at: now }))
    }
}

impl ProfileRow {
    /// The GraphQL names of the fields that differ from the profile.
    fn changed(&self, before: &PartnerProfile) -> Vec<&'static str> {
        let mut changed = Vec::new();
        if self.name.as_ref().is_some_and(|name| *name != before.name) {
            changed.push("name");
        }
        if self.email.as_ref().is_some_and(|email| *email != before.email) {
            changed.push("email");
        }
        if self.country.is_some() && self.country != before.country {
            changed.push("country");
        }
        changed
    }
}

impl Partner {
    /// Changes the partner `id`, or the profile behind it: then every partner of the profile is told of as updated.
    ///
    /// # Errors
    /// [`UpdateError`].
    pub async fn update(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: PartnerId,
        changes: &PartnerChanges,
        act: &Act,
    ) -> Result<Self, UpdateError> {
        let (profile_row, row) = changes.checked(act.now).map_err(UpdateError::Invalid)?;
        let done = conn.transaction(async |conn| {
            let found = Self::find(conn, scope, id).await?.ok_or(UpdateError::NotFound)?;
            if let Some(Some(upline_id)) = changes.upline_id {
                check_upline(conn, scope, &found, upline_id).await?;
            }
            // The profile before the partner, as in create: the other way round the two would deadlock.
            let profile = PartnerProfile::find_locked(conn, found.account_id, found.profile_id).await?;
            let before = Self::find_locked(conn, scope, id).await?.ok_or(UpdateError::NotFound)?;
            let changed = profile_row.changed(&profile);
            let mut touched = match changed.is_empty() {
                true => Vec::new(),
                false => change_profile(conn, scope, &profile, &profile_row).await?,
            };
            let after: Self = diesel::update(partners::table.find(before.id))
                .set(&row)
                .returning(Self::as_returning())
                .get_result(conn)
                .await?;
            let trail = |partner, profile_fields| Trail { partner, profile_fields };
            let entry = (Some(&trail(&before, &[])), Some(&trail(&after, changed.as_slice())));
            audit::record(conn, act, after.account_id, "partnerUpdate", after.id, entry).await?;
            touched.retain(|other| other.id != after.id);
            touched.insert(0, after.clone());
            let told: Vec<_> = touched.iter().map(|one| one.event(EventKind::PartnerUpdated)).collect();
            events::record(conn, act, &told).await?;
            Ok(after)
        });
        done.await.map_err(|error| match error {
            UpdateError::Database(error) => refused(error),
            other => other,
        })
    }
}

/// What the database's no means.
fn refused(error: diesel::result::Error) -> UpdateError {
    match db::violated_constraint(&error) {
        Some("partner_profiles_email_key") => UpdateError::EmailTaken,
        Some("partners_group_fkey") => UpdateError::GroupNotFound,
        _ => error.into(),
    }
}

/// Locks the program's row, before that of anybody in it, and looks whether the partner may have this upline.
async fn check_upline(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    partner: &Partner,
    upline_id: PartnerId,
) -> Result<(), UpdateError> {
    let program = Program::find_locked(conn, scope, partner.program_id).await?;
    let program = program.ok_or(UpdateError::NotFound)?;
    match upline::problem(conn, &program, upline_id, Some(partner.id)).await? {
        Some(problem) => Err(UpdateError::Upline(problem)),
        None => Ok(()),
    }
}

/// Changes the locked profile, and answers all its partners, now locked too.
async fn change_profile(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    profile: &PartnerProfile,
    row: &ProfileRow,
) -> Result<Vec<Partner>, UpdateError> {
    diesel::update(partner_profiles::table.find(profile.id)).set(row).execute(conn).await?;
    let of_profile = partners::table
        .filter(partners::account_id.eq(profile.account_id))
        .filter(partners::profile_id.eq(profile.id));
    let touched: Vec<Partner> = diesel::update(of_profile)
        .set(partners::updated_at.eq(row.updated_at))
        .returning(Partner::as_returning())
        .get_results(conn)
        .await?;
    match touched.iter().all(|partner| scope.allows(partner.program_id)) {
        true => Ok(touched),
        false => Err(UpdateError::Shared),
    }
}
