use diesel::{
    dsl::{exists, not},
    prelude::*,
    sql_query,
    sql_types::{Array, Text, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ids::{AdjustmentId, ProgramId, TypedId};

use super::{Adjustment, AdjustmentKind};
use crate::{
    page::{Page, PageArgs},
    prepared::Prepare,
    schema::{adjustments, transactions},
    scope::AccountScope,
};

/// Which adjustments a list shows; an empty list or `None` is no limit.
#[derive(Debug, Clone, Default)]
pub struct AdjustmentFilter {
    /// Of one of these programs.
    pub programs: Option<Vec<ProgramId>>,
    /// Of one of these kinds.
    pub kinds: Vec<AdjustmentKind>,
    /// Whether they wait: for a sale that has not arrived; a won dispute for its chargeback.
    pub waiting: Option<bool>,
    /// Whether they were refused.
    pub refused: Option<bool>,
}

/// $1 account, $2 and $3 programs and keys of sales, in step. A won dispute that came before its chargeback does not know its
/// sale; the chargeback does.
const OF_SALES: &str = "\
    WITH sales AS MATERIALIZED (SELECT DISTINCT * FROM unnest($2, $3) AS s (program_id, key)), \
    own AS MATERIALIZED (SELECT a.* FROM sales s JOIN adjustments a ON a.program_id = s.program_id \
    AND a.transaction_key = s.key AND a.account_id = $1) \
    SELECT * FROM own UNION ALL \
    SELECT w.id, w.account_id, w.program_id, o.transaction_key, w.transaction_id, w.kind, w.key, w.currency, w.amount, w.basis, \
    w.lines, w.chargeback_key, w.position, w.refused, w.occurred_at, w.fingerprint, w.created_at \
    FROM own o JOIN adjustments w ON w.program_id = o.program_id AND w.chargeback_key = o.key \
    AND w.transaction_key IS NULL WHERE o.kind = 'CHARGEBACK' ORDER BY id";

diesel::alias!(adjustments as chargebacks: Chargebacks);

impl Adjustment {
    /// The adjustments of these ids that are in reach, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_all(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        ids: &[AdjustmentId],
    ) -> QueryResult<Vec<Self>> {
        let rows: Vec<Self> = adjustments::table
            .filter(adjustments::account_id.eq(scope.account_id))
            .filter(adjustments::id.eq_any(ids))
            .select(Self::as_select())
            .load(conn)
            .await?;
        Ok(rows.into_iter().filter(|row| scope.allows(row.program_id)).collect())
    }

    /// All adjustments of these sales, named by program and key, whether or not they have arrived, in the order of
    /// recording; each knows the key of its sale. In one statement.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_sales(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        sales: &[(ProgramId, String)],
    ) -> QueryResult<Vec<Self>> {
        let (programs, keys): (Vec<_>, Vec<&str>) = sales
            .iter()
            .filter(|(program_id, _)| scope.allows(*program_id))
            .map(|(program_id, key)| (program_id.uuid(), key.as_str()))
            .unzip();
        if programs.is_empty() {
            return Ok(Vec::new());
        }
        sql_query(OF_SALES)
            .bind::<Uuid, _>(scope.account_id)
            .bind::<Array<Uuid>, _>(programs)
            .bind::<Array<Text>, _>(keys)
            .prepared()
            .load(conn)
            .await
    }

    /// A page of adjustments, the last recorded first.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &AdjustmentFilter,
        page: PageArgs<AdjustmentId>,
    ) -> QueryResult<Page<Self>> {
        let mut query = Self::matching(scope, filter).order(adjustments::id.desc());
        if let Some(after) = page.after {
            query = query.filter(adjustments::id.lt(after));
        }
        Ok(Page::of(query.limit(page.limit()).select(Self::as_select()).load(conn).await?, &page))
    }

    /// How many adjustments match, counted up to `cap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        filter: &AdjustmentFilter,
        cap: i64,
    ) -> QueryResult<i64> {
        let ids: Vec<AdjustmentId> =
            Self::matching(scope, filter).limit(cap).select(adjustments::id).load(conn).await?;
        Ok(i64::try_from(ids.len()).unwrap_or(cap))
    }

    fn matching<'a>(
        scope: &AccountScope,
        filter: &'a AdjustmentFilter,
    ) -> adjustments::BoxedQuery<'a, diesel::pg::Pg> {
        let mut query = adjustments::table.filter(adjustments::account_id.eq(scope.account_id)).into_boxed();
        if let Some(programs) = scope.narrow(filter.programs.clone()) {
            query = query.filter(adjustments::program_id.eq_any(programs));
        }
        if !filter.kinds.is_empty() {
            query = query.filter(adjustments::kind.eq_any(&filter.kinds));
        }
        let sale = transactions::table
            .filter(transactions::program_id.eq(adjustments::program_id))
            .filter(transactions::key.nullable().eq(adjustments::transaction_key));
        let chargeback = chargebacks
            .filter(chargebacks.field(adjustments::program_id).eq(adjustments::program_id))
            .filter(chargebacks.field(adjustments::key).nullable().eq(adjustments::chargeback_key))
            .filter(chargebacks.field(adjustments::kind).eq(AdjustmentKind::Chargeback));
        let waits = adjustments::transaction_id
            .is_null()
            .and(adjustments::refused.is_null())
            .and(not(exists(sale)))
            .and(not(exists(chargeback)));
        query = match filter.waiting {
            Some(true) => query.filter(waits),
            Some(false) => query.filter(not(waits)),
            None => query,
        };
        match filter.refused {
            Some(true) => query.filter(adjustments::refused.is_not_null()),
            Some(false) => query.filter(adjustments::refused.is_null()),
            None => query,
        }
    }
}
