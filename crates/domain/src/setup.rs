//! What a new account does before its first reward: steps that are done or not, found where they are and never stored.

use diesel::{
    QueryResult, QueryableByName, sql_query,
    sql_types::{Array, Nullable, Text, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{prepared::Prepare, scope::AccountScope, team::Permission, text_enum};

text_enum! {
    /// A step of setting an account up, in the order that they are done in.
    SetupStepKey {
        /// The account says in which country it is.
        AccountDescribed = "ACCOUNT_DESCRIBED",
        /// There is a program.
        ProgramCreated = "PROGRAM_CREATED",
        /// A program has published terms.
        TermsPublished = "TERMS_PUBLISHED",
        /// A program is or was active.
        ProgramActivated = "PROGRAM_ACTIVATED",
        /// There is a partner.
        PartnerAdded = "PARTNER_ADDED",
        /// A partner has a link.
        LinkCreated = "LINK_CREATED",
        /// A customer was seen.
        CustomerSeen = "CUSTOMER_SEEN",
        /// A sale was recorded.
        SaleSeen = "SALE_SEEN",
        /// Somebody else is of the team, or was invited to it.
        TeamInvited = "TEAM_INVITED",
    }
}

/// A step, and whether it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetupStep {
    /// Which one.
    pub key: SetupStepKey,
    /// Whether it is done.
    pub is_done: bool,
}

#[derive(QueryableByName)]
struct Done {
    #[diesel(sql_type = Array<Text>)]
    done: Vec<SetupStepKey>,
}

/// $1 account, $2 programs in reach or null. The limits and orders make each step one look at the index of a program; they end
/// at the first program that has one.
const DONE: &str = "
WITH reach AS MATERIALIZED (
    SELECT p.id, p.status FROM programs p WHERE p.account_id = $1 AND ($2::uuid[] IS NULL OR p.id = ANY ($2))
)
SELECT array_remove(ARRAY[
    (SELECT 'ACCOUNT_DESCRIBED' FROM accounts a WHERE a.id = $1 AND a.country IS NOT NULL),
    (SELECT 'PROGRAM_CREATED' FROM reach LIMIT 1),
    (SELECT 'TERMS_PUBLISHED' FROM reach r CROSS JOIN LATERAL (SELECT FROM terms t
        WHERE t.account_id = $1 AND t.program_id = r.id AND t.published_at IS NOT NULL ORDER BY t.number LIMIT 1) x LIMIT 1),
    (SELECT 'PROGRAM_ACTIVATED' FROM reach r WHERE r.status <> 'DRAFT' LIMIT 1),
    (SELECT 'PARTNER_ADDED' FROM reach r CROSS JOIN LATERAL (SELECT FROM partners p
        WHERE p.account_id = $1 AND p.program_id = r.id ORDER BY p.id LIMIT 1) x LIMIT 1),
    (SELECT 'LINK_CREATED' FROM reach r CROSS JOIN LATERAL (SELECT FROM links l
        WHERE l.account_id = $1 AND l.program_id = r.id ORDER BY l.id LIMIT 1) x LIMIT 1),
    (SELECT 'CUSTOMER_SEEN' FROM reach r CROSS JOIN LATERAL (SELECT FROM customers c
        WHERE c.account_id = $1 AND c.program_id = r.id ORDER BY c.id LIMIT 1) x LIMIT 1),
    (SELECT 'SALE_SEEN' FROM reach r CROSS JOIN LATERAL (SELECT FROM transactions t
        WHERE t.account_id = $1 AND t.program_id = r.id ORDER BY t.id LIMIT 1) x LIMIT 1),
    (SELECT 'TEAM_INVITED' WHERE EXISTS (SELECT FROM invites i WHERE i.account_id = $1)
        OR EXISTS (SELECT FROM members m WHERE m.account_id = $1 OFFSET 1))
], NULL) AS done";

impl SetupStepKey {
    /// Whether somebody with this scope and these permissions may see it. What is of no program is not shown to who is
    /// limited to some.
    pub fn is_shown_to(self, scope: &AccountScope, permissions: &[Permission]) -> bool {
        let needs = match self {
            Self::AccountDescribed | Self::ProgramCreated | Self::TermsPublished | Self::ProgramActivated => {
                Permission::ProgramsRead
            }
            Self::PartnerAdded | Self::LinkCreated => Permission::PartnersRead,
            Self::CustomerSeen => Permission::CustomersRead,
            Self::SaleSeen => Permission::TransactionsRead,
            Self::TeamInvited => Permission::TeamRead,
        };
        let is_of_account = matches!(self, Self::AccountDescribed | Self::TeamInvited);
        permissions.contains(&needs) && (scope.is_whole() || !is_of_account)
    }
}

impl SetupStep {
    /// All steps in their order, of the programs in reach. One statement, whatever has happened before.
    ///
    /// # Errors
    /// The database's.
    pub async fn all(conn: &mut AsyncPgConnection, scope: &AccountScope) -> QueryResult<Vec<Self>> {
        let Done { done } = sql_query(DONE)
            .bind::<Uuid, _>(scope.account_id)
            .bind::<Nullable<Array<Uuid>>, _>(scope.programs())
            .prepared()
            .get_result(conn)
            .await?;
        Ok(SetupStepKey::ALL.iter().map(|key| Self { key: *key, is_done: done.contains(key) }).collect())
    }
}
