use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, CustomerId, LinkId, PartnerId, ProgramId};

use super::{AttributedPayload, Attribution, AttributionSource};
use crate::{
    act::Act,
    events::{self, EventKind, NewEvent},
    links::Link,
    partners::{Partner, PartnerStatus},
    schema::attributions,
    scope::AccountScope,
};

/// How the caller says whom a customer came through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touch {
    /// The slug of a link of the program.
    LinkSlug(String),
    /// A partner by id.
    Partner(PartnerId),
    /// A partner by key.
    PartnerKey(String),
}

/// Why a touch leads to nobody.
#[derive(Debug, thiserror::Error)]
pub enum TouchError {
    /// No such active link, or no such partner, in the program.
    #[error("no such {0:?}")]
    NotFound(Touch),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

/// A touch that was looked up: whom it would attribute a customer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The partner.
    pub partner_id: PartnerId,
    /// The link, if it rests on one.
    pub link_id: Option<LinkId>,
    /// What it rests on.
    pub source: AttributionSource,
}

impl Touch {
    /// Whom the touch leads to. A link of a partner who is not approved is no candidate; a partner who is named is kept,
    /// and the reward then says why there is none (attribution.md).
    ///
    /// # Errors
    /// [`TouchError`].
    pub async fn look_up(
        &self,
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        program_id: ProgramId,
    ) -> Result<Option<Candidate>, TouchError> {
        let not_found = || TouchError::NotFound(self.clone());
        let named = match self {
            // PostgreSQL refuses a text with a NUL, and nothing is called by one.
            Self::LinkSlug(name) | Self::PartnerKey(name) if name.contains('\0') => return Err(not_found()),
            Self::LinkSlug(slug) => {
                let link = Link::find_by_slug(conn, scope, program_id, slug).await?;
                let link = link.filter(Link::is_active).ok_or_else(not_found)?;
                let partner = Partner::find(conn, scope, link.partner_id).await?;
                let approved = partner.filter(|partner| partner.status == PartnerStatus::Approved);
                let (link_id, source) = (Some(link.id), AttributionSource::Link);
                return Ok(approved.map(|partner| Candidate { partner_id: partner.id, link_id, source }));
            }
            Self::Partner(id) => Partner::find(conn, scope, *id).await?,
            Self::PartnerKey(key) => Partner::find_by_key(conn, scope, program_id, key).await?,
        };
        let partner = named.filter(|partner| partner.program_id == program_id).ok_or_else(not_found)?;
        Ok(Some(Candidate { partner_id: partner.id, link_id: None, source: AttributionSource::Api }))
    }
}

impl Candidate {
    /// Makes the customer's active attribution with its event, unless there is one: the database allows one (A1).
    /// Answers whether it made it.
    ///
    /// # Errors
    /// The database's.
    pub async fn attribute(
        &self,
        conn: &mut AsyncPgConnection,
        (account_id, program_id, customer_id): (AccountId, ProgramId, CustomerId),
        at: DateTime<Utc>,
        act: &Act,
    ) -> QueryResult<bool> {
        let row = Attribution {
            id: act.ids.next(act.now),
            account_id,
            program_id,
            customer_id,
            partner_id: self.partner_id,
            link_id: self.link_id,
            source: self.source,
            status: "ACTIVE".to_owned(),
            at,
            created_at: act.now,
        };
        let made = diesel::insert_into(attributions::table)
            .values(&row)
            .on_conflict_do_nothing()
            .execute(conn)
            .await?;
        if made == 0 {
            return Ok(false);
        }
        let (partner_id, source) = (self.partner_id, self.source);
        let payload = AttributedPayload { customer_id, partner_id, source, attributed_at: at };
        let kind = EventKind::CustomerAttributed;
        events::record(
            conn,
            act,
            &[NewEvent::of_program(account_id, program_id, kind, customer_id, &payload)],
        )
        .await?;
        Ok(true)
    }
}
