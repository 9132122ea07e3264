use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::InviteId;

use super::{Invite, InviteDelivery, InviteStatus};
use crate::{
    page::{Page, PageArgs},
    schema::{invite_programs, invites},
    scope::AccountScope,
};

/// Which invites a list shows; an empty list is no limit.
#[derive(Debug, Clone, Default)]
pub struct InviteFilter {
    /// In one of these states.
    pub status: Vec<InviteStatus>,
    /// Whose latest email became one of these.
    pub delivery: Vec<InviteDelivery>,
}

/// The invites of the account that somebody with this scope may see: none that reaches further than they do.
fn in_reach(scope: &AccountScope) -> invites::BoxedQuery<'_, diesel::pg::Pg> {
    use invite_programs as p;
    let query = invites::table.filter(invites::account_id.eq(scope.account_id)).into_boxed();
    let Some(programs) = scope.programs() else { return query };
    let of_invite =
        p::table.filter(p::account_id.eq(invites::account_id)).filter(p::invite_id.eq(invites::id));
    let beyond = of_invite.filter(p::program_id.ne_all(programs));
    // An invite without programs reaches all of them.
    query.filter(exists(of_invite)).filter(not(exists(beyond)))
}

impl Invite {
    /// The invites of these ids that are in reach, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[InviteId],
    ) -> QueryResult<Vec<Self>> {
        in_reach(scope).filter(invites::id.eq_any(ids)).select(Self::as_select()).load(conn).await
    }

    /// The invite of that id, if it is in reach, its row locked until the transaction ends.
    pub(super) async fn find_locked(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        id: InviteId,
    ) -> QueryResult<Option<Self>> {
        // Locked first, then read: whoever held it may have changed it.
        let locked: Option<InviteId> = invites::table
            .filter(invites::account_id.eq(scope.account_id))
            .filter(invites::id.eq(id))
            .for_no_key_update()
            .select(invites::id)
            .first(conn)
            .await
            .optional()?;
        if locked.is_none() {
            return Ok(None);
        }
        Ok(Self::find_all(conn, scope, &[id]).await?.pop())
    }

    /// A page of the invites that are in reach, newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &InviteFilter,
        page: PageArgs<InviteId>,
    ) -> QueryResult<Page<Self>> {
        let mut query = Self::matching(scope, filter).order(invites::id.desc());
        if let Some(after) = page.after {
            query = query.filter(invites::id.lt(after));
        }
        Ok(Page::of(query.limit(page.limit()).select(Self::as_select()).load(conn).await?, &page))
    }

    /// How many invites match, counted up to `cap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &InviteFilter,
        cap: i64,
    ) -> QueryResult<i64> {
        let ids: Vec<InviteId> =
            Self::matching(scope, filter).limit(cap).select(invites::id).load(conn).await?;
        Ok(i64::try_from(ids.len()).unwrap_or(cap))
    }

    /// How many invites of the account are pending, counted up to `cap`: each may become a seat.
    ///
    /// # Errors
    /// The database's.
    pub async fn count_pending(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        cap: i64,
    ) -> QueryResult<i64> {
        let pending = InviteFilter { status: vec![InviteStatus::Pending], ..InviteFilter::default() };
        Self::count(conn, scope, &pending, cap).await
    }

    fn matching<'a>(
        scope: &'a AccountScope,
        filter: &InviteFilter,
    ) -> invites::BoxedQuery<'a, diesel::pg::Pg> {
        let mut query = in_reach(scope);
        if !filter.status.is_empty() {
            query = query.filter(invites::status.eq_any(filter.status.clone()));
        }
        if !filter.delivery.is_empty() {
            query = query.filter(invites::delivery.eq_any(filter.delivery.clone()));
        }
        query
    }
}
