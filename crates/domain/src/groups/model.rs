use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ids::{AccountId, GroupId, ProgramId};
use serde::Serialize;

use crate::{
    schema::groups,
    text::{self, TextProblem},
};

/// The most groups of a program.
pub const MOST_GROUPS: usize = 100;

/// A group of a program's partners.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = groups)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// The tenant.
    pub account_id: AccountId,
    /// The program.
    pub program_id: ProgramId,
    /// What people call it, unique in the program whatever the case.
    pub name: String,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A group's name: 1 to 100 characters.
pub(super) fn name(text: &str) -> Result<String, TextProblem> {
    text::line(text, 100)
}
