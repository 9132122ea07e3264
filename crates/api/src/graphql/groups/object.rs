use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};

use crate::graphql::{
    context::Request,
    error::ApiError,
    guard::{Needs, Permission, needs},
    payout_policies::{PayoutPolicy, PolicyOf},
    programs::Program,
};

/// A group of a program's partners. A partner is in one group or in none.
#[derive(Clone)]
pub struct Group(pub domain::groups::Group);

impl From<domain::groups::Group> for Group {
    fn from(group: domain::groups::Group) -> Self {
        Self(group)
    }
}

/// A group of a program's partners. A partner is in one group or in none.
#[Object]
impl Group {
    /// `grp_...`
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The program whose partners it is for.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn program(&self, ctx: &Context<'_>) -> Result<Option<Program>, ApiError> {
        Request::loader(ctx)?.load_one(self.0.program_id).await
    }

    /// What people call it, unique in the program, whatever the case.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// How payouts of its partners are made, unless it says something else of one: what is said of it and of its program, and the
    /// default of the rest.
    #[graphql(directive = needs::apply(Permission::ProgramsRead), guard = "Needs(Permission::ProgramsRead)")]
    async fn payout_policy(&self, ctx: &Context<'_>) -> Result<Option<PayoutPolicy>, ApiError> {
        PayoutPolicy::of(ctx, PolicyOf::Group(self.0.program_id, self.0.id)).await
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}
