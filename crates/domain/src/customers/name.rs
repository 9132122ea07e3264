use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{CustomerId, ProgramId};

use super::Customer;
use crate::{schema::customers, scope::AccountScope};

/// How a caller names a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomerName {
    /// By its id.
    Id(CustomerId),
    /// By the caller's own name for it.
    Key {
        /// The program.
        program_id: ProgramId,
        /// Unique in the program.
        key: String,
    },
}

impl CustomerName {
    /// The customer of that name, if it is in reach.
    pub(super) async fn find(
        &self,
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
    ) -> QueryResult<Option<Customer>> {
        match self {
            Self::Id(id) => Customer::find(conn, scope, *id).await,
            Self::Key { program_id, key } => {
                Customer::find_by_key(conn, scope, *program_id, key.trim()).await
            }
        }
    }
}

impl Customer {
    /// The customer as it is now, its row locked until the transaction ends. Customers stay, and so does their program.
    pub(super) async fn locked(&self, conn: &mut AsyncPgConnection) -> QueryResult<Self> {
        customers::table
            .filter(customers::account_id.eq(self.account_id))
            .filter(customers::id.eq(self.id))
            .for_no_key_update()
            .select(Self::as_select())
            .first(conn)
            .await
    }
}
