use std::collections::HashMap;

use async_graphql::dataloader::Loader as BatchLoader;
use domain::payout_policies::{PayoutPolicy, Policies, Policy};
use ids::{GroupId, PartnerId, PayoutPolicyId, ProgramId};

use crate::graphql::{
    context::Loader,
    error::ApiError,
    loading::{load_counts, load_pages},
};

load_pages!(
    /// The key of a page of a program's stored policies.
    StoredOf(ProgramId, PayoutPolicyId) => PayoutPolicy of PayoutPolicy::of_programs, by program_id
);

load_counts!(
    /// The key of how many stored policies a program has.
    StoredCountOf(ProgramId) => PayoutPolicy::count_of_programs
);

/// The key of what holds for a program, a group or a partner, each of which was found in the scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyOf {
    /// For a program.
    Program(ProgramId),
    /// For a group of its partners.
    Group(ProgramId, GroupId),
    /// For one of its partners, in that group.
    Partner(ProgramId, Option<GroupId>, PartnerId),
}

impl PolicyOf {
    /// The program.
    pub(super) fn program_id(self) -> ProgramId {
        match self {
            Self::Program(id) | Self::Group(id, _) | Self::Partner(id, ..) => id,
        }
    }

    fn partner_id(self) -> Option<PartnerId> {
        match self {
            Self::Partner(.., id) => Some(id),
            Self::Program(_) | Self::Group(..) => None,
        }
    }

    fn among(self, policies: &Policies) -> Policy {
        match self {
            Self::Program(program) => policies.of_program(program),
            Self::Group(program, group) => policies.of_group(program, group),
            Self::Partner(program, group, partner) => policies.of_partner(program, group, partner),
        }
    }
}

impl BatchLoader<PolicyOf> for Loader {
    type Value = Policy;
    type Error = ApiError;

    async fn load(&self, keys: &[PolicyOf]) -> Result<HashMap<PolicyOf, Policy>, ApiError> {
        let programs: Vec<ProgramId> = keys.iter().map(|key| key.program_id()).collect();
        let partners: Vec<PartnerId> = keys.iter().filter_map(|key| key.partner_id()).collect();
        let mut conn = self.db.get().await?;
        let policies = Policies::load(&mut conn, self.scope.account_id, &programs, &partners).await?;
        Ok(keys.iter().map(|key| (*key, key.among(&policies))).collect())
    }
}
