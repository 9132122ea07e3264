//! The only doors to rows: a finder takes a scope, and what lies outside it does not exist.

use ids::{AccountId, ProgramId};

/// What a credential reaches: one account, and in it all programs or some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountScope {
    /// The tenant.
    pub account_id: AccountId,
    programs: Option<Vec<ProgramId>>,
}

impl AccountScope {
    /// All programs of the account, also those created later.
    pub fn whole(account_id: AccountId) -> Self {
        Self { account_id, programs: None }
    }

    /// Some programs of the account; an empty list means all, as it does on keys and members.
    pub fn limited(account_id: AccountId, programs: Vec<ProgramId>) -> Self {
        Self { account_id, programs: (!programs.is_empty()).then_some(programs) }
    }

    /// Whether rows of this program may be seen.
    pub fn allows(&self, program_id: ProgramId) -> bool {
        self.programs.as_ref().is_none_or(|programs| programs.contains(&program_id))
    }

    /// The programs that rows must belong to; `None` is no limit.
    pub fn programs(&self) -> Option<&[ProgramId]> {
        self.programs.as_deref()
    }

    /// Whether everything of the account is in reach: some things (keys, the team) are no program's.
    pub fn is_whole(&self) -> bool {
        self.programs.is_none()
    }

    /// The programs of `wanted` in reach; of no wish, all in reach. `None` is no limit.
    pub fn narrow(&self, wanted: Option<Vec<ProgramId>>) -> Option<Vec<ProgramId>> {
        match (wanted, &self.programs) {
            (None, all) => all.clone(),
            (Some(wanted), _) => Some(wanted.into_iter().filter(|id| self.allows(*id)).collect()),
        }
    }

    /// The programs of `wanted` in reach and nothing else, which may be nothing at all; of no wish, this scope.
    pub fn narrowed_to(&self, wanted: Option<Vec<ProgramId>>) -> Self {
        Self { account_id: self.account_id, programs: self.narrow(wanted) }
    }
}
