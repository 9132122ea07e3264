use async_graphql::{ID, SimpleObject};

use crate::graphql::guard::Permission;

/// A set of permissions with a name.
#[derive(Clone, SimpleObject)]
pub struct Role {
    /// `rol_owner`, `rol_admin`, `rol_manager`, `rol_finance` or `rol_viewer`.
    pub id: ID,
    /// What people call it.
    pub name: String,
    /// Whether it comes with Refero and stays as it is.
    pub builtin: bool,
    /// What its members may do.
    pub permissions: Vec<Permission>,
}

impl From<domain::team::Role> for Role {
    fn from(role: domain::team::Role) -> Self {
        use domain::team::Role as R;
        let name = match role {
            R::Owner => "Owner",
            R::Admin => "Admin",
            R::Manager => "Manager",
            R::Finance => "Finance",
            R::Viewer => "Viewer",
        };
        Self {
            id: ID(format!("rol_{}", role.as_str().to_lowercase())),
            name: name.to_owned(),
            builtin: true,
            permissions: role.permissions().iter().copied().map(Permission::from).collect(),
        }
    }
}
