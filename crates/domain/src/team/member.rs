use chrono::{DateTime, Utc};
use diesel::{
    dsl::sql,
    expression::SqlLiteral,
    prelude::*,
    sql_types::{Array, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, MemberId, ProgramId, UserId};
use serde::Serialize;

use super::Role;
use crate::{
    accounts::{Account, AccountStatus},
    page::{Page, PageArgs},
    schema::{accounts, members},
    scope::AccountScope,
};

/// A user's place in an account.
#[derive(Debug, Clone, Queryable, Selectable, Serialize)]
#[diesel(table_name = members)]
pub struct Member {
    /// Its id.
    pub id: MemberId,
    /// The tenant.
    pub account_id: AccountId,
    /// The person.
    pub user_id: UserId,
    /// What they may do.
    pub role: Role,
    /// The programs that they are limited to; empty means all.
    #[diesel(select_expression = program_ids(), select_expression_type = SqlLiteral<Array<Uuid>>)]
    pub programs: Vec<ProgramId>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When role or programs last changed.
    pub updated_at: DateTime<Utc>,
}

/// A membership together with its account.
#[derive(Debug, Clone)]
pub struct Membership {
    /// The membership.
    pub member: Member,
    /// Its account.
    pub account: Account,
}

/// A member to be added.
#[derive(Debug, Insertable)]
#[diesel(table_name = members)]
pub struct NewMember {
    /// Its id.
    pub id: MemberId,
    /// The tenant.
    pub account_id: AccountId,
    /// The person.
    pub user_id: UserId,
    /// What they may do.
    pub role: Role,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// The same.
    pub updated_at: DateTime<Utc>,
}

fn program_ids() -> SqlLiteral<Array<Uuid>> {
    sql("ARRAY(SELECT p.program_id FROM member_programs p \
         WHERE p.account_id = members.account_id AND p.member_id = members.id ORDER BY p.program_id)")
}

impl NewMember {
    /// Writes the row.
    ///
    /// # Errors
    /// The database's.
    pub async fn insert(&self, conn: &mut AsyncPgConnection) -> QueryResult<()> {
        diesel::insert_into(members::table).values(self).execute(conn).await?;
        Ok(())
    }
}

impl Membership {
    /// The memberships of a user in accounts that are not closed, oldest first, with their accounts.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_user(conn: &mut AsyncPgConnection, user_id: UserId) -> QueryResult<Vec<Self>> {
        members::table
            .inner_join(accounts::table.on(accounts::id.eq(members::account_id)))
            .filter(members::user_id.eq(user_id))
            .filter(accounts::status.ne(AccountStatus::Closed))
            .order(members::id)
            .select((Member::as_select(), Account::as_select()))
            .load::<(Member, Account)>(conn)
            .await
            .map(|rows| rows.into_iter().map(|(member, account)| Self { member, account }).collect())
    }
}

impl Member {
    /// What the member reaches: the whole account, or their programs in it.
    pub fn scope(&self) -> AccountScope {
        AccountScope::limited(self.account_id, self.programs.clone())
    }

    /// The membership of a user in an account.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        user_id: UserId,
    ) -> QueryResult<Option<Self>> {
        members::table
            .filter(members::account_id.eq(account_id))
            .filter(members::user_id.eq(user_id))
            .select(Self::as_select())
            .first(conn)
            .await
            .optional()
    }

    /// The members of these ids, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[MemberId],
    ) -> QueryResult<Vec<Self>> {
        members::table
            .filter(members::account_id.eq(scope.account_id))
            .filter(members::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await
    }

    /// A page of the account's members, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        page: PageArgs<MemberId>,
    ) -> QueryResult<Page<Self>> {
        let mut query = members::table.filter(members::account_id.eq(scope.account_id)).into_boxed();
        if let Some(after) = page.after {
            query = query.filter(members::id.gt(after));
        }
        let rows = query.order(members::id).limit(page.limit()).select(Self::as_select()).load(conn).await?;
        Ok(Page::of(rows, &page))
    }

    /// How many members the account has, counted up to `cap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(conn: &mut AsyncPgConnection, scope: &AccountScope, cap: i64) -> QueryResult<i64> {
        let ids: Vec<MemberId> = members::table
            .filter(members::account_id.eq(scope.account_id))
            .limit(cap)
            .select(members::id)
            .load(conn)
            .await?;
        Ok(i64::try_from(ids.len()).unwrap_or(cap))
    }
}
