use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, AttributionId, CustomerId, LinkId, PartnerId, ProgramId};

use super::{AttributedPayload, Attribution, AttributionSource, AttributionStatus};
use crate::{
    act::Act,
    events::{self, EventKind, NewEvent},
    links::Link,
    partners::{Partner, PartnerStatus},
    schema::attributions,
    scope::AccountScope,
    text,
};

/// How the caller says whom a customer came through.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Touch {
    /// The slug of a link of the program.
    LinkSlug(String),
    /// A partner by id.
    Partner(PartnerId),
    /// A partner by key.
    PartnerKey(String),
    /// The key of the customer who refers it: customers look this up, who know each other.
    Referrer(String),
}

/// A touch that was looked up: whom it would attribute a customer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The partner.
    pub partner_id: PartnerId,
    /// The customer that the partner is, who is never attributed to itself.
    pub customer_id: Option<CustomerId>,
    /// The link, if it rests on one.
    pub link_id: Option<LinkId>,
    /// What it rests on.
    pub source: AttributionSource,
}

impl Candidate {
    /// A partner that the caller names.
    pub fn named(partner: &Partner) -> Self {
        let (partner_id, customer_id) = (partner.id, partner.customer_id);
        Self { partner_id, customer_id, link_id: None, source: AttributionSource::Api }
    }
}

/// Whom touches lead to; a touch that names nothing is not in it.
pub type Candidates = HashMap<Touch, Option<Candidate>>;

impl Touch {
    /// Whom each of these touches leads to, in at most two statements. A link of a partner who is not approved is no
    /// candidate; a partner who is named is kept, and the reward then says why there is none (attribution.md). A touch
    /// without an active link or a partner of the program is left out.
    ///
    /// # Errors
    /// The database's.
    pub async fn look_up_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        program_id: ProgramId,
        touches: &[&Self],
    ) -> QueryResult<Candidates> {
        // What is no slug names nothing; PostgreSQL would refuse some of it.
        let name = |said: &str| text::slug(said, 100).ok();
        let (mut slugs, mut keys, mut ids) = (Vec::new(), Vec::new(), Vec::new());
        for touch in touches {
            match touch {
                Self::LinkSlug(slug) => slugs.extend(name(slug)),
                Self::PartnerKey(key) => keys.extend(name(key)),
                Self::Partner(id) => ids.push(*id),
                Self::Referrer(_) => {}
            }
        }
        let links = match slugs.is_empty() {
            true => Vec::new(),
            false => Link::find_by_slugs(conn, scope, program_id, &slugs).await?,
        };
        ids.extend(links.iter().map(|link| link.partner_id));
        let partners = match ids.is_empty() && keys.is_empty() {
            true => Vec::new(),
            false => Partner::find_named(conn, scope, program_id, (&ids, &keys)).await?,
        };
        let lead = |touch: &Self| match touch {
            Self::Partner(id) => {
                partners.iter().find(|partner| partner.id == *id).map(|it| Some(Candidate::named(it)))
            }
            Self::PartnerKey(key) => {
                let key = name(key)?;
                partners.iter().find(|partner| partner.key == key).map(|it| Some(Candidate::named(it)))
            }
            Self::LinkSlug(slug) => {
                let slug = name(slug)?;
                let link = links.iter().find(|link| link.slug == slug && link.is_active())?;
                let partner = partners.iter().find(|partner| partner.id == link.partner_id);
                let approved = partner.filter(|partner| partner.status == PartnerStatus::Approved);
                let (link_id, source) = (Some(link.id), AttributionSource::Link);
                Some(approved.map(|partner| Candidate { link_id, source, ..Candidate::named(partner) }))
            }
            Self::Referrer(_) => None,
        };
        Ok(touches.iter().filter_map(|touch| Some(((*touch).clone(), lead(touch)?))).collect())
    }
}

/// A customer who is to be attributed.
#[derive(Debug, Clone, Copy)]
pub struct Attributed<'a> {
    /// The customer.
    pub customer_id: CustomerId,
    /// To whom.
    pub to: &'a Candidate,
    /// The instant that terms and durations count from.
    pub at: DateTime<Utc>,
    /// Whether the sign-up counts already.
    pub is_confirmed: bool,
    /// Whether it was made by the same act, and never had a partner.
    pub is_new: bool,
}

impl Candidate {
    /// Makes the active attributions of these customers of a program with their events, but for those who have one, which the
    /// database allows once (A1), or had one: from whom a person took a customer, a call does not give it to again. The caller
    /// holds the rows of those who are not new. Answers whose it made.
    ///
    /// # Errors
    /// The database's.
    pub async fn attribute_all(
        conn: &mut AsyncPgConnection,
        (account_id, program_id): (AccountId, ProgramId),
        attributed: &[Attributed<'_>],
        act: &Act,
    ) -> QueryResult<HashSet<CustomerId>> {
        let known =
            attributed.iter().filter(|one| !one.is_new).map(|one| one.customer_id).collect::<Vec<_>>();
        let settled = Attribution::ever_of(conn, account_id, &known).await?;
        let news: Vec<_> = attributed.iter().filter(|one| !settled.contains(&one.customer_id)).collect();
        if news.is_empty() {
            return Ok(HashSet::new());
        }
        let row = |attributed: &&Attributed<'_>| Attribution {
            id: act.ids.next(act.now),
            account_id,
            program_id,
            customer_id: attributed.customer_id,
            partner_id: attributed.to.partner_id,
            link_id: attributed.to.link_id,
            source: attributed.to.source,
            status: AttributionStatus::Active,
            at: attributed.at,
            counted_at: attributed.is_confirmed.then_some(act.now),
            created_at: act.now,
        };
        let rows: Vec<Attribution> = news.iter().map(row).collect();
        let made: Vec<AttributionId> = diesel::insert_into(attributions::table)
            .values(&rows)
            .on_conflict_do_nothing()
            .returning(attributions::id)
            .get_results(conn)
            .await?;
        let made: HashSet<AttributionId> = made.into_iter().collect();
        let made: Vec<&Attribution> = rows.iter().filter(|row| made.contains(&row.id)).collect();
        let event = |row: &&Attribution| {
            let payload = AttributedPayload {
                customer_id: row.customer_id,
                partner_id: row.partner_id,
                source: row.source,
                attributed_at: row.at,
            };
            let kind = EventKind::CustomerAttributed;
            NewEvent::of_program(account_id, program_id, kind, row.customer_id, &payload)
        };
        events::record(conn, act, &made.iter().map(event).collect::<Vec<_>>()).await?;
        Ok(made.into_iter().map(|row| row.customer_id).collect())
    }
}
