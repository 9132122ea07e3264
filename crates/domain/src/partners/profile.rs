use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_types::Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, PartnerProfileId};

use crate::{
    act::Act,
    schema::{partner_profiles, partners},
    scope::AccountScope,
};

/// The person or company behind partners: the one place of their personal data.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = partner_profiles)]
pub struct PartnerProfile {
    /// Its id.
    pub id: PartnerProfileId,
    /// The tenant.
    pub account_id: AccountId,
    /// As it was written; unique in the account whatever the case.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What is said of a person when they become a partner; checked.
pub(super) struct Person {
    pub(super) email: String,
    pub(super) name: String,
    pub(super) country: Option<String>,
}

impl PartnerProfile {
    /// The profiles of these ids that have a partner in reach, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[PartnerProfileId],
    ) -> QueryResult<Vec<Self>> {
        let mut query = partner_profiles::table
            .filter(partner_profiles::account_id.eq(scope.account_id))
            .filter(partner_profiles::id.eq_any(ids))
            .into_boxed();
        if let Some(programs) = scope.programs() {
            let in_reach = partners::table
                .filter(partners::account_id.eq(scope.account_id))
                .filter(partners::profile_id.eq_any(ids))
                .filter(partners::program_id.eq_any(programs))
                .select(partners::profile_id);
            query = query.filter(partner_profiles::id.eq_any(in_reach));
        }
        query.select(Self::as_select()).load(conn).await
    }

    /// The profile of that address, its row locked until the transaction ends; made if there is none. One that is
    /// there keeps its name and country: they are changed by an update only.
    pub(super) async fn find_or_create(
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        person: &Person,
        act: &Act,
    ) -> QueryResult<Self> {
        use partner_profiles as p;
        diesel::insert_into(p::table)
            .values((
                p::id.eq(act.ids.next::<PartnerProfileId>(act.now)),
                p::account_id.eq(account_id),
                p::email.eq(&person.email),
                p::name.eq(&person.name),
                p::country.eq(&person.country),
                p::created_at.eq(act.now),
                p::updated_at.eq(act.now),
            ))
            .on_conflict(diesel::dsl::sql::<Text>("(account_id, lower(email))"))
            .do_update()
            // Changes nothing, and is what makes PostgreSQL lock and return the row that is there.
            .set(p::email.eq(p::email))
            .returning(Self::as_returning())
            .get_result(conn)
            .await
    }

    /// The profile, its row locked until the transaction ends.
    pub(super) async fn find_locked(
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        id: PartnerProfileId,
    ) -> QueryResult<Self> {
        partner_profiles::table
            .filter(partner_profiles::account_id.eq(account_id))
            .filter(partner_profiles::id.eq(id))
            .for_no_key_update()
            .select(Self::as_select())
            .first(conn)
            .await
    }
}
