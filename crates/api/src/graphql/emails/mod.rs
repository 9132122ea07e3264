//! Emails that were intended on behalf of the account, and what became of them.

mod enums;
mod inputs;
mod object;
mod previews;

use async_graphql::{Context, Lookahead, Object};
use domain::{emails::EmailPreviews, page::PageArgs, team::Permission as P};
use ids::EmailMessageId;
pub use inputs::EmailMessageFilter;
pub use object::EmailMessage;
pub use previews::EmailPreview;

use self::object::Shown;
use super::{
    connection::{self, COUNT_CAP, connection},
    context::Request,
    error::ApiError,
    guard::{Needs, Permission, needs},
};

connection!(
    /// Emails, newest first.
    EmailMessageConnection, EmailMessageEdge, EmailMessage, Shown, |shown| shown.row.id
);

/// What can be asked about emails.
#[derive(Default)]
pub struct EmailQuery;

#[Object]
impl EmailQuery {
    /// The emails to partners and members of the account, newest first. Who is limited to some programs sees none.
    #[graphql(directive = needs::apply(Permission::AuditRead), guard = "Needs(Permission::AuditRead)")]
    async fn email_messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 25, desc = "How many rows, at most 100.")] first: i32,
        #[graphql(desc = "The cursor of the last row seen.")] after: Option<String>,
        #[graphql(desc = "Which emails.")] filter: Option<EmailMessageFilter>,
    ) -> Result<EmailMessageConnection, ApiError> {
        let request = Request::of(ctx);
        let (scope, filter) = (request.scope()?, filter.unwrap_or_default().into());
        let page = PageArgs::new(first.into(), connection::key(after)?);
        let mut conn = request.conn().await?;
        let rows = domain::emails::EmailMessage::list(&mut conn, scope, &filter, page).await?;
        let total = match connection::wants_total(ctx) {
            true => Some(domain::emails::EmailMessage::count(&mut conn, scope, &filter, COUNT_CAP).await?),
            false => None,
        };
        drop(conn);
        let node = |field: &str| {
            let asked = ctx.look_ahead();
            asked.field("nodes").field(field).exists()
                || asked.field("edges").field("node").field(field).exists()
        };
        let has_next = rows.has_next;
        let rows = shown(ctx, rows.rows, (node("recipient"), node("preview"))).await?;
        let page_of_shown = domain::page::Page { rows, has_next };
        Ok(EmailMessageConnection::of(page_of_shown, page.after.is_none(), total))
    }

    /// The email of this id, or null.
    #[graphql(directive = needs::apply(Permission::AuditRead), guard = "Needs(Permission::AuditRead)")]
    async fn email_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "`eml_...`")] id: EmailMessageId,
    ) -> Result<Option<EmailMessage>, ApiError> {
        let request = Request::of(ctx);
        let scope = request.scope()?;
        let found = domain::emails::EmailMessage::find(&mut *request.conn().await?, scope, id).await?;
        let asked: Lookahead<'_> = ctx.look_ahead();
        let wanted = (asked.field("recipient").exists(), asked.field("preview").exists());
        let rows = shown(ctx, found.into_iter().collect(), wanted).await?;
        Ok(rows.into_iter().next().map(EmailMessage::from))
    }
}

/// The rows with what is shown beside them: addresses and previews, each for the whole page at once and only if asked for.
async fn shown(
    ctx: &Context<'_>,
    rows: Vec<domain::emails::EmailMessage>,
    (recipients, previews): (bool, bool),
) -> Result<Vec<Shown>, ApiError> {
    let request = Request::of(ctx);
    let sees_people = request.viewer.permits(P::PartnersPii);
    let mut addresses = match recipients {
        true => {
            let mut conn = request.conn().await?;
            domain::emails::EmailMessage::addresses(&mut conn, request.scope()?, &rows).await?
        }
        false => Default::default(),
    };
    let mut rendered = match ctx.data_opt::<Box<dyn EmailPreviews>>() {
        Some(renderer) if previews && sees_people => {
            renderer.previews(&request.db, &rows, request.act.now).await?
        }
        _ => Default::default(),
    };
    if !sees_people {
        addresses.values_mut().for_each(|address| *address = previews::masked_address(address));
    }
    let show = |row: domain::emails::EmailMessage| Shown {
        address: addresses.get(&row.recipient).cloned(),
        preview: rendered.remove(&row.id).map(EmailPreview::from),
        row,
    };
    Ok(rows.into_iter().map(show).collect())
}
