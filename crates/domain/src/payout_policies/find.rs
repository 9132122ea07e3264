use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AccountId, GroupId, PartnerId, ProgramId};

use super::{PayoutPolicy, Policy};
use crate::{schema::payout_policies, scope::AccountScope};

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

    /// What holds for a program.
    pub fn of_program(&self, program: ProgramId) -> Policy {
        Policy::of(self.programs.get(&program))
    }

    /// What holds for a partner in that group.
    pub fn of_partner(&self, program: ProgramId, group: Option<GroupId>, partner: PartnerId) -> Policy {
        let of_group = group.and_then(|group| self.groups.get(&group));
        Policy::of(self.programs.get(&program).into_iter().chain(of_group).chain(self.partners.get(&partner)))
    }
}

impl PayoutPolicy {
    /// The stored policies of these programs that are in reach, the program's first.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_programs(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        programs: &[ProgramId],
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = payout_policies::table
            .filter(payout_policies::account_id.eq(scope.account_id))
            .filter(payout_policies::program_id.eq_any(programs))
            .order((payout_policies::group_id, payout_policies::partner_id))
            .limit(1_000)
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }
}
