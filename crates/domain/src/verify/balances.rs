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
const FOLD: &str = "
WITH moves AS (
    SELECT credit AS ledger_account, amount FROM ledger_transfers
    UNION ALL
    SELECT debit, -amount FROM ledger_transfers
), folded AS (
    SELECT a.account_id, coalesce(a.partner_id, a.customer_id) AS owner_id, a.currency,
        coalesce(sum(m.amount) FILTER (WHERE a.kind = 'HELD'), 0)::bigint AS held,
        coalesce(sum(m.amount) FILTER (WHERE a.kind = 'AVAILABLE'), 0)::bigint AS available,
        coalesce(sum(m.amount) FILTER (WHERE a.kind = 'RESERVED'), 0)::bigint AS reserved,
        coalesce(sum(m.amount) FILTER (WHERE a.kind = 'PAID'), 0)::bigint AS paid
    FROM ledger_accounts a JOIN moves m ON m.ledger_account = a.id
    WHERE a.kind <> 'EXPENSE'
    GROUP BY 1, 2, 3
)
SELECT format('balance of %s in %s: held %s available %s reserved %s paid %s, folded %s %s %s %s',
        coalesce(b.owner_id, f.owner_id), coalesce(b.currency, f.currency),
        b.held, b.available, b.reserved, b.paid, f.held, f.available, f.reserved, f.paid) AS what
FROM balances b
FULL JOIN folded f ON f.account_id = b.account_id AND f.owner_id = b.owner_id AND f.currency = b.currency
WHERE (coalesce(b.held, 0), coalesce(b.available, 0), coalesce(b.reserved, 0), coalesce(b.paid, 0))
    IS DISTINCT FROM
    (coalesce(f.held, 0), coalesce(f.available, 0), coalesce(f.reserved, 0), coalesce(f.paid, 0))
LIMIT $1";

/// What is left of the rewards that are not released is held; what is left of the others is available, reserved or paid,
/// or was redeemed, which is paid too.
const OWED: &str = "
WITH owed AS (
    SELECT account_id, coalesce(partner_id, beneficiary_customer_id) AS owner_id, currency,
        coalesce(sum(net) FILTER (WHERE status IN ('PENDING_REVIEW', 'HELD')), 0)::bigint AS held,
        coalesce(sum(net) FILTER (WHERE status NOT IN ('PENDING_REVIEW', 'HELD')), 0)::bigint AS released
    FROM rewards GROUP BY 1, 2, 3
)
SELECT format('%s in %s: held %s available %s reserved %s paid %s, its rewards come to %s held %s released',
        coalesce(b.owner_id, o.owner_id), coalesce(b.currency, o.currency),
        b.held, b.available, b.reserved, b.paid, o.held, o.released) AS what
FROM balances b
FULL JOIN owed o ON o.account_id = b.account_id AND o.owner_id = b.owner_id AND o.currency = b.currency
WHERE (coalesce(b.held, 0), coalesce(b.available + b.reserved + b.paid, 0))
    IS DISTINCT FROM (coalesce(o.held, 0), coalesce(o.released, 0))
LIMIT $1";

/// What is left of a reward is its amount less its reversals; each of them, and each redemption, is a transfer of its amount.
const LEFT: &str = "
WITH changed AS (
    SELECT account_id, reward_id, sum(CASE kind WHEN 'REVERSAL' THEN amount ELSE -amount END)::bigint AS by
    FROM reversals GROUP BY 1, 2
)
SELECT format('reward %s: %s of %s left, reversed by %s, %s', r.id, r.net, r.amount, coalesce(c.by, 0), r.status) AS what
FROM rewards r LEFT JOIN changed c ON c.account_id = r.account_id AND c.reward_id = r.id
WHERE r.status <> 'REJECTED' AND r.net <> r.amount - coalesce(c.by, 0)
    OR (r.released_at IS NULL) <> (r.status IN ('PENDING_REVIEW', 'HELD', 'REJECTED'))
        AND r.status <> 'REVERSED'
UNION ALL
SELECT format('reversal %s of reward %s: %s moved, the ledger says %s', v.id, v.reward_id, v.amount, t.amount)
FROM reversals v LEFT JOIN ledger_transfers t ON t.account_id = v.account_id AND t.source = v.id
    AND t.reason = CASE v.kind WHEN 'REVERSAL' THEN 'REVERSED' ELSE 'RESTORED' END
        || CASE WHEN v.after_release THEN '' ELSE '_HELD' END
WHERE t.amount IS DISTINCT FROM v.amount
UNION ALL
SELECT format('redemption %s: %s redeemed, the ledger says %s', d.id, d.amount, t.amount)
FROM redemptions d LEFT JOIN ledger_transfers t ON t.account_id = d.account_id AND t.source = d.id AND t.reason = 'REDEEMED'
WHERE t.amount IS DISTINCT FROM d.amount
LIMIT $1";

/// V1, with M5: what an owner has in each currency is what is left of its rewards, from the ledger alone.
pub(super) async fn balances(conn: &mut AsyncPgConnection) -> QueryResult<Finding> {
    let mut violations = Vec::new();
    for sql in [FOLD, OWED, LEFT] {
        let differences: Vec<Difference> = diesel::sql_query(sql).bind::<BigInt, _>(SHOWN).load(conn).await?;
        violations.extend(differences.into_iter().map(|difference| difference.what));
    }
    let count: Count =
        diesel::sql_query("SELECT count(*) AS count FROM ledger_transfers").get_result(conn).await?;
    Ok(Finding {
        check: "V1",
        about: "balances equal the fold of the transfers and what is left of the rewards",
        looked_at: count.count,
        violations,
    })
}
