use diesel::{
    prelude::*,
    sql_types::{BigInt, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::{Finding, SHOWN};

#[derive(QueryableByName)]
struct Difference {
    #[diesel(sql_type = Text)]
    what: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Folds every transfer, and names the balances that differ from the fold. Transfers balance by construction: each is one
/// row between two accounts of one currency.
const SQL: &str = "
WITH moves AS (
    SELECT credit AS ledger_account, amount FROM ledger_transfers
    UNION ALL
    SELECT debit, -amount FROM ledger_transfers
), folded AS (
    SELECT a.account_id, a.partner_id, a.currency,
        coalesce(sum(m.amount) FILTER (WHERE a.kind = 'HELD'), 0)::bigint AS held,
        coalesce(sum(m.amount) FILTER (WHERE a.kind = 'AVAILABLE'), 0)::bigint AS available,
        coalesce(sum(m.amount) FILTER (WHERE a.kind = 'RESERVED'), 0)::bigint AS reserved,
        coalesce(sum(m.amount) FILTER (WHERE a.kind = 'PAID'), 0)::bigint AS paid
    FROM ledger_accounts a JOIN moves m ON m.ledger_account = a.id
    WHERE a.partner_id IS NOT NULL
    GROUP BY a.account_id, a.partner_id, a.currency
)
SELECT format('balance of %s in %s: held %s available %s reserved %s paid %s, folded %s %s %s %s',
        coalesce(b.partner_id, f.partner_id), coalesce(b.currency, f.currency),
        b.held, b.available, b.reserved, b.paid, f.held, f.available, f.reserved, f.paid) AS what
FROM partner_balances b
FULL JOIN folded f ON f.account_id = b.account_id AND f.partner_id = b.partner_id AND f.currency = b.currency
WHERE (coalesce(b.held, 0), coalesce(b.available, 0), coalesce(b.reserved, 0), coalesce(b.paid, 0))
    IS DISTINCT FROM
    (coalesce(f.held, 0), coalesce(f.available, 0), coalesce(f.reserved, 0), coalesce(f.paid, 0))
LIMIT $1";

/// V1, with M5: what a partner has in each state is what its rewards in that state come to.
pub(super) async fn balances(conn: &mut AsyncPgConnection) -> QueryResult<Finding> {
    let differences: Vec<Difference> = diesel::sql_query(SQL).bind::<BigInt, _>(SHOWN).load(conn).await?;
    let rewards: Vec<Difference> = diesel::sql_query(REWARDS).bind::<BigInt, _>(SHOWN).load(conn).await?;
    let count: Count =
        diesel::sql_query("SELECT count(*) AS count FROM ledger_transfers").get_result(conn).await?;
    Ok(Finding {
        check: "V1",
        about: "balances equal the fold of the transfers and the sum of the rewards",
        looked_at: count.count,
        violations: differences.into_iter().chain(rewards).map(|difference| difference.what).collect(),
    })
}

const REWARDS: &str = "
WITH owed AS (
    SELECT account_id, partner_id, currency,
        coalesce(sum(amount) FILTER (WHERE status IN ('PENDING_REVIEW', 'HELD')), 0)::bigint AS held,
        coalesce(sum(amount) FILTER (WHERE status = 'AVAILABLE'), 0)::bigint AS available,
        coalesce(sum(amount) FILTER (WHERE status = 'RESERVED'), 0)::bigint AS reserved,
        coalesce(sum(amount) FILTER (WHERE status = 'PAID'), 0)::bigint AS paid
    FROM rewards GROUP BY account_id, partner_id, currency
)
SELECT format('%s in %s: held %s available %s reserved %s paid %s, its rewards come to %s %s %s %s',
        coalesce(b.partner_id, o.partner_id), coalesce(b.currency, o.currency),
        b.held, b.available, b.reserved, b.paid, o.held, o.available, o.reserved, o.paid) AS what
FROM partner_balances b
FULL JOIN owed o ON o.account_id = b.account_id AND o.partner_id = b.partner_id AND o.currency = b.currency
WHERE (coalesce(b.held, 0), coalesce(b.available, 0), coalesce(b.reserved, 0), coalesce(b.paid, 0))
    IS DISTINCT FROM
    (coalesce(o.held, 0), coalesce(o.available, 0), coalesce(o.reserved, 0), coalesce(o.paid, 0))
LIMIT $1";
