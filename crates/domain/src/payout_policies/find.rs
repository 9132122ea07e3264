use std::collections::HashMap;

use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Nullable, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, GroupId, PartnerId, PayoutPolicyId, ProgramId};

use super::{PayoutMethodKind, PayoutPolicy, Policy};
use crate::{prepared::Prepare, schema::payout_policies, scope::AccountScope};

const OF_PROGRAMS: &str = "\
    SELECT mine.* FROM unnest($2) AS wanted (id) CROSS JOIN LATERAL ( \
      SELECT p.* FROM payout_policies p WHERE p.account_id = $1 AND p.program_id = wanted.id AND ($3 IS NULL OR p.id > $3) \
      ORDER BY p.id LIMIT $4 \
    ) AS mine ORDER BY mine.id";

/// The stored policies of some programs.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    programs: HashMap<ProgramId, PayoutPolicy>,
    groups: HashMap<GroupId, PayoutPolicy>,
    partners: HashMap<PartnerId, PayoutPolicy>,
}

impl Policies {
    /// Those of these programs: of the programs and their groups all, of partners those that are named.
    ///
    /// # Errors
    /// The database's.
    pub async fn load(
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        programs: &[ProgramId],
        partners: &[PartnerId],
    ) -> QueryResult<Self> {
        let of_partners = payout_policies::partner_id.eq_any(partners).assume_not_null();
        let rows: Vec<PayoutPolicy> = payout_policies::table
            .filter(payout_policies::account_id.eq(account_id))
            .filter(payout_policies::program_id.eq_any(programs))
            .filter(payout_policies::partner_id.is_null().or(of_partners))
            .select(PayoutPolicy::as_select())
            .load(conn)
            .await?;
        let mut policies = Self::default();
        for row in rows {
            match (row.group_id, row.partner_id) {
                (Some(group), _) => _ = policies.groups.insert(group, row),
                (None, Some(partner)) => _ = policies.partners.insert(partner, row),
                (None, None) => _ = policies.programs.insert(row.program_id, row),
            }
        }
        Ok(policies)
    }

    /// By which kinds of methods a program pays anybody: all its partners, those of a group, or one.
    ///
    /// # Errors
    /// The database's.
    pub async fn kinds(
        &self,
        conn: &mut AsyncPgConnection,
        account_id: AccountId,
        program_id: ProgramId,
    ) -> QueryResult<Vec<PayoutMethodKind>> {
        let said: Vec<Vec<PayoutMethodKind>> = payout_policies::table
            .filter(payout_policies::account_id.eq(account_id))
            .filter(payout_policies::program_id.eq(program_id))
            .filter(payout_policies::methods.is_not_null())
            .select(payout_policies::methods.assume_not_null())
            .distinct()
            .load(conn)
            .await?;
        let of_all = self.of_program(program_id).methods;
        let is_paid_by =
            |kind: &PayoutMethodKind| said.iter().flatten().chain(&of_all).any(|one| one == kind);
        Ok(PayoutMethodKind::ALL.iter().copied().filter(is_paid_by).collect())
    }

    /// What holds for a program.
    pub fn of_program(&self, program: ProgramId) -> Policy {
        Policy::of(self.programs.get(&program))
    }

    /// What holds for a group's partners, unless it says something else of one.
    pub fn of_group(&self, program: ProgramId, group: GroupId) -> Policy {
        Policy::of(self.programs.get(&program).into_iter().chain(self.groups.get(&group)))
    }

    /// What holds for a partner in that group.
    pub fn of_partner(&self, program: ProgramId, group: Option<GroupId>, partner: PartnerId) -> Policy {
        let of_group = group.and_then(|group| self.groups.get(&group));
        Policy::of(self.programs.get(&program).into_iter().chain(of_group).chain(self.partners.get(&partner)))
    }
}

impl PayoutPolicy {
    /// The stored policies of these ids that are in reach, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[PayoutPolicyId],
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = payout_policies::table
            .filter(payout_policies::account_id.eq(scope.account_id))
            .filter(payout_policies::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }

    /// How many stored policies each of these programs has; those that have none are not told.
    ///
    /// # Errors
    /// The database's.
    pub async fn count_of_programs(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        programs: &[ProgramId],
    ) -> QueryResult<Vec<(ProgramId, i64)>> {
        let in_reach = programs.iter().copied().filter(|id| scope.allows(*id));
        payout_policies::table
            .filter(payout_policies::account_id.eq(scope.account_id))
            .filter(payout_policies::program_id.eq_any(in_reach))
            .group_by(payout_policies::program_id)
            .select((payout_policies::program_id, diesel::dsl::count_star()))
            .load(conn)
            .await
    }

    /// The stored policies of each of these programs in reach behind the policy `after`, up to `most` of each, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_programs(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        programs: &[ProgramId],
        (after, most): (Option<PayoutPolicyId>, i64),
    ) -> QueryResult<Vec<Self>> {
        let in_reach: Vec<ProgramId> = programs.iter().copied().filter(|id| scope.allows(*id)).collect();
        diesel::sql_query(OF_PROGRAMS)
            .bind::<Uuid, _>(scope.account_id)
            .bind::<Array<Uuid>, _>(in_reach)
            .bind::<Nullable<Uuid>, _>(after)
            .bind::<BigInt, _>(most)
            .prepared()
            .load(conn)
            .await
    }
}
