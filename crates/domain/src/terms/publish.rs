use chrono::{DateTime, SubsecRound, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{GroupId, PartnerId, TermsId};
use serde::Serialize;

use super::Terms;
use crate::{
    act::Act,
    audit,
    events::{self, EventKind, NewEvent},
    idempotency::fingerprint,
    programs::{Cursor, Program, ProgramStatus},
    schema::terms,
    scope::AccountScope,
};

/// Why a version was not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// No such version in reach.
    #[error("no such terms")]
    NotFound,
    /// It is published already.
    #[error("the terms are published")]
    AlreadyPublished,
    /// Archived programs promise nothing new.
    #[error("the program is {current}")]
    WrongState {
        /// Where the program stands.
        current: ProgramStatus,
    },
    /// An event at or after the instant was evaluated already, under other terms (T2).
    #[error("events up to {latest} are evaluated")]
    AlreadyEvaluated {
        /// The latest own time of an evaluated event.
        latest: DateTime<Utc>,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

/// The payload of `terms.published`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Published {
    terms_id: TermsId,
    number: i32,
    group_id: Option<GroupId>,
    partner_id: Option<PartnerId>,
    effective_from: DateTime<Utc>,
}

impl Terms {
    /// Publishes a draft, in force from `effective_from` (cut to microseconds), or from now on. It never changes again.
    ///
    /// # Errors
    /// [`PublishError`].
    pub async fn publish(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: TermsId,
        effective_from: Option<DateTime<Utc>>,
        act: &Act,
    ) -> Result<Self, PublishError> {
        let effective_from = effective_from.map_or(act.now, |at| at.trunc_subsecs(6));
        conn.transaction(async |conn| {
            let seen = Self::find_all(conn, scope, &[id]).await?.pop().ok_or(PublishError::NotFound)?;
            // Locked before its terms, as by everybody: its state and what terms fix of it stay as they are seen.
            let program = Program::find_locked(conn, scope, seen.program_id).await?;
            let program = program.ok_or(PublishError::NotFound)?;
            let draft = Self::find_locked(conn, scope, id).await?.ok_or(PublishError::NotFound)?;
            if draft.is_published() {
                return Err(PublishError::AlreadyPublished);
            }
            // The writer of rewards holds this row while it evaluates: nothing is evaluated meanwhile.
            let cursor = Cursor::lock(conn, draft.program_id).await?;
            if program.status == ProgramStatus::Archived {
                return Err(PublishError::WrongState { current: program.status });
            }
            if let Some(latest) = cursor.latest_event_at.filter(|latest| *latest >= effective_from) {
                return Err(PublishError::AlreadyEvaluated { latest });
            }
            let after = draft.write_published(conn, effective_from, act).await?;
            audit::record(
                conn,
                act,
                after.account_id,
                "termsPublish",
                after.id,
                (Some(&draft), Some(&after)),
            )
            .await?;
            events::record(conn, act, &[after.published_event(effective_from)]).await?;
            Ok(after)
        })
        .await
    }

    async fn write_published(
        &self,
        conn: &mut AsyncPgConnection,
        effective_from: DateTime<Utc>,
        act: &Act,
    ) -> QueryResult<Self> {
        diesel::update(terms::table.find(self.id))
            .set((
                terms::effective_from.eq(effective_from),
                terms::published_at.eq(act.now),
                terms::published_by.eq(act.actor.to_string()),
                terms::content_hash.eq(self.content_hash_from(effective_from)),
                terms::updated_at.eq(act.now),
            ))
            .returning(Self::as_returning())
            .get_result(conn)
            .await
    }

    /// SHA-256 of everything that evaluation reads of the version.
    fn content_hash_from(&self, effective_from: DateTime<Utc>) -> Vec<u8> {
        fingerprint(&serde_json::json!({
            "programId": self.program_id,
            "groupId": self.group_id,
            "partnerId": self.partner_id,
            "number": self.number,
            "rules": self.rules,
            "holdDays": self.hold_days,
            "rounding": self.rounding,
            "selfReferral": self.self_referral,
            "rateMaxAgeDays": self.rate_max_age_days,
            "rewardCurrency": self.reward_currency,
            "duplicateSaleMinutes": self.duplicate_sale_minutes,
            "existingCustomerReview": self.existing_customer_review,
            "referredWhileSuspended": self.referred_while_suspended,
            "effectiveFrom": effective_from,
        }))
    }

    fn published_event(&self, effective_from: DateTime<Utc>) -> NewEvent {
        let payload = Published {
            terms_id: self.id,
            number: self.number,
            group_id: self.group_id,
            partner_id: self.partner_id,
            effective_from,
        };
        NewEvent::of_program(self.account_id, self.program_id, EventKind::TermsPublished, self.id, &payload)
    }
}
