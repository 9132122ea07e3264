use super::Permission;
use crate::text_enum;

text_enum! {
    /// The built-in roles. What each may do is [`Role::permissions`].
    Role {
        /// Everything. An account has at least one.
        Owner = "OWNER",
        /// Everything but changing plan and billing.
        Admin = "ADMIN",
        /// Runs the programs: terms, partners, customers, sales, the review of rewards. Sees payouts, pays nobody.
        Manager = "MANAGER",
        /// Pays and reads the books. Earns nobody anything: whoever makes rewards should not be the one who pays them.
        Finance = "FINANCE",
        /// Reads programs and their figures, without personal data.
        Viewer = "VIEWER",
    }
}

use Permission as P;

const ADMIN: &[Permission] = &[
    P::TeamRead,
    P::TeamWrite,
    P::BillingRead,
    P::ProgramsRead,
    P::ProgramsWrite,
    P::PartnersRead,
    P::PartnersWrite,
    P::PartnersPii,
    P::CustomersRead,
    P::CustomersWrite,
    P::TransactionsRead,
    P::TransactionsWrite,
    P::RewardsRead,
    P::RewardsWrite,
    P::PayoutsRead,
    P::PayoutsApprove,
    P::PayoutsExecute,
    P::Developers,
    P::Operations,
    P::AuditRead,
];

const MANAGER: &[Permission] = &[
    P::TeamRead,
    P::ProgramsRead,
    P::ProgramsWrite,
    P::PartnersRead,
    P::PartnersWrite,
    P::PartnersPii,
    P::CustomersRead,
    P::CustomersWrite,
    P::TransactionsRead,
    P::TransactionsWrite,
    P::RewardsRead,
    P::RewardsWrite,
    P::PayoutsRead,
];

const FINANCE: &[Permission] = &[
    P::TeamRead,
    P::BillingRead,
    P::BillingWrite,
    P::ProgramsRead,
    P::PartnersRead,
    P::PartnersPii,
    P::CustomersRead,
    P::TransactionsRead,
    P::RewardsRead,
    P::PayoutsRead,
    P::PayoutsApprove,
    P::PayoutsExecute,
    P::AuditRead,
];

const VIEWER: &[Permission] = &[
    P::TeamRead,
    P::ProgramsRead,
    P::PartnersRead,
    P::CustomersRead,
    P::TransactionsRead,
    P::RewardsRead,
    P::PayoutsRead,
];

impl Role {
    /// What a member with this role may do.
    pub fn permissions(self) -> &'static [Permission] {
        match self {
            Self::Owner => Permission::ALL,
            Self::Admin => ADMIN,
            Self::Manager => MANAGER,
            Self::Finance => FINANCE,
            Self::Viewer => VIEWER,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::team::lacking;

    #[test]
    fn an_owner_may_grant_any_role_and_everyone_may_grant_viewer() {
        for role in Role::ALL {
            assert_eq!(lacking(Role::Owner.permissions(), role.permissions()), [], "{role}");
            assert_eq!(lacking(role.permissions(), Role::Viewer.permissions()), [], "{role}");
        }
    }

    #[test]
    fn roles_differ_where_they_should() {
        assert_eq!(lacking(Role::Admin.permissions(), Permission::ALL), [P::BillingWrite]);
        assert_eq!(lacking(Role::Admin.permissions(), Role::Manager.permissions()), []);
        assert!(!Role::Viewer.permissions().contains(&P::PartnersPii));
        let writes = |role: Role, word: &str| {
            role.permissions().iter().any(|permission| permission.as_str().ends_with(word))
        };
        assert!(!writes(Role::Viewer, "_WRITE") && !writes(Role::Viewer, "_EXECUTE"));
        assert!(!writes(Role::Manager, "_EXECUTE") && !writes(Role::Manager, "_APPROVE"));
        assert!(!Role::Finance.permissions().contains(&P::RewardsWrite));
    }

    #[test]
    fn no_role_names_a_permission_twice() {
        for role in Role::ALL {
            let mut permissions = role.permissions().to_vec();
            permissions.sort_unstable();
            permissions.dedup();
            assert_eq!(permissions.len(), role.permissions().len(), "{role}");
        }
    }
}
