use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use ids::{LinkId, PartnerId};
use serde::Serialize;

use super::{Link, LinkStatus, address};
use crate::{
    act::Act,
    audit,
    events::{self, EventKind},
    idempotency::{self, Claim},
    partners::{Partner, PartnerStatus, random_key},
    programs::{Program, ProgramStatus},
    schema::links,
    scope::AccountScope,
    text::{self, Checks, FieldProblem},
};

/// How many slugs are tried: the partner's key, then the key with 20 random bits.
const DRAWS: usize = 5;

/// A link to be created.
#[derive(Debug, Clone, Serialize)]
pub struct NewLink {
    /// Whose.
    pub partner_id: PartnerId,
    /// 1 to 100 of `a-z`, `0-9`, `-`, `_`; unique in the program; made of the partner's key if absent.
    pub slug: Option<String>,
    /// An http or https address; the program's website if absent.
    pub destination: Option<String>,
    /// The same key again answers with the link of the first call.
    #[serde(skip)]
    pub idempotency_key: Option<String>,
}

/// Why a link was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Fields that are refused, all at once.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// No such partner in reach.
    #[error("no such partner")]
    PartnerNotFound,
    /// A suspended or rejected partner gets no new link.
    #[error("the partner is {current}")]
    WrongState {
        /// Where the partner stands.
        current: PartnerStatus,
    },
    /// The program is archived, and gets no new link.
    #[error("the program is archived")]
    ProgramArchived,
    /// No destination was given, and the program has no website.
    #[error("no destination")]
    DestinationMissing,
    /// Another link of the program has the slug.
    #[error("the slug is taken")]
    SlugTaken,
    /// The idempotency key was used with other words.
    #[error("the idempotency key was used with other input")]
    IdempotencyMismatch,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

struct Checked {
    slug: Option<String>,
    destination: Option<String>,
}

impl NewLink {
    fn checked(&self) -> Result<Checked, Vec<FieldProblem>> {
        let mut checks = Checks::default();
        checks.idempotency_key(self.idempotency_key.as_deref());
        let slug = self.slug.as_deref().and_then(|slug| checks.take("slug", text::slug(slug, 100)));
        let destination = self.destination.as_deref();
        let destination = destination.and_then(|to| checks.take("destination", address::destination(to)));
        checks.done(Checked { slug, destination })
    }
}

impl Link {
    /// Creates a link; the partner's first is the default one.
    ///
    /// # Errors
    /// [`CreateError`].
    pub async fn create(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        new: &NewLink,
        act: &Act,
    ) -> Result<Self, CreateError> {
        let checked = new.checked().map_err(CreateError::Invalid)?;
        let id: LinkId = act.ids.next(act.now);
        let claim = new.idempotency_key.as_deref().map(|key| (key, idempotency::fingerprint(new)));
        conn.transaction(async |conn| {
            if let Some((key, said)) = &claim {
                let (name, object) = (("linkCreate", *key), id.to_string());
                match idempotency::claim(conn, scope.account_id, name, said, &object, act.now).await? {
                    Claim::New => {}
                    Claim::Mismatch => return Err(CreateError::IdempotencyMismatch),
                    Claim::Replayed(object) => return replayed(conn, scope, &object).await,
                }
            }
            // The lock also makes links of one partner take turns, so that exactly one of them is the first.
            let partner = Partner::find_locked(conn, scope, new.partner_id).await?;
            let partner = partner.ok_or(CreateError::PartnerNotFound)?;
            if matches!(partner.status, PartnerStatus::Suspended | PartnerStatus::Rejected) {
                return Err(CreateError::WrongState { current: partner.status });
            }
            let destination = destination_of(conn, scope, &partner, &checked).await?;
            let link = insert(conn, (id, &partner), checked.slug.as_deref(), &destination, act).await?;
            audit::record(conn, act, link.account_id, "linkCreate", link.id, (None, Some(&link))).await?;
            events::record(conn, act, &[link.event(EventKind::LinkCreated)]).await?;
            Ok(link)
        })
        .await
    }
}

async fn replayed(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    object: &str,
) -> Result<Link, CreateError> {
    let id = object.parse().map_err(|_| CreateError::IdempotencyMismatch)?;
    Link::find(conn, scope, id).await?.ok_or(CreateError::IdempotencyMismatch)
}

async fn destination_of(
    conn: &mut AsyncPgConnection,
    scope: &AccountScope,
    partner: &Partner,
    checked: &Checked,
) -> Result<String, CreateError> {
    let program = Program::find(conn, scope, partner.program_id).await?;
    let program = program.ok_or(CreateError::PartnerNotFound)?;
    if program.status == ProgramStatus::Archived {
        return Err(CreateError::ProgramArchived);
    }
    if let Some(given) = &checked.destination {
        return Ok(given.clone());
    }
    let website = program.website.as_deref().map(address::destination);
    website.and_then(Result::ok).ok_or(CreateError::DestinationMissing)
}

/// Inserts the link under the wanted slug, or under one made of the partner's key that is free.
async fn insert(
    conn: &mut AsyncPgConnection,
    (id, partner): (LinkId, &Partner),
    wanted: Option<&str>,
    destination: &str,
    act: &Act,
) -> Result<Link, CreateError> {
    let others = links::table
        .filter(links::account_id.eq(partner.account_id))
        .filter(links::partner_id.eq(partner.id));
    let is_default = !diesel::select(diesel::dsl::exists(others)).get_result::<bool>(conn).await?;
    let draws = if wanted.is_some() { 1 } else { DRAWS };
    for draw in 0..draws {
        let slug = wanted.map_or_else(|| slug_of(partner, is_default && draw == 0, act), str::to_owned);
        let inserted = diesel::insert_into(links::table)
            .values((
                links::id.eq(id),
                links::account_id.eq(partner.account_id),
                links::program_id.eq(partner.program_id),
                links::partner_id.eq(partner.id),
                links::slug.eq(slug),
                links::destination.eq(destination),
                links::is_default.eq(is_default),
                links::status.eq(LinkStatus::Active),
                links::created_at.eq(act.now),
                links::updated_at.eq(act.now),
            ))
            .on_conflict(diesel::upsert::on_constraint("links_slug_key"))
            .do_nothing()
            .returning(Link::as_returning())
            .get_result(conn)
            .await
            .optional()?;
        if let Some(link) = inserted {
            return Ok(link);
        }
    }
    Err(CreateError::SlugTaken)
}

fn slug_of(partner: &Partner, plain: bool, act: &Act) -> String {
    if plain {
        return partner.key.clone();
    }
    // A key is ASCII of at most 100 characters, and so is a slug.
    let key: String = partner.key.chars().take(95).collect();
    format!("{key}-{}", random_key::<4>(act))
}
