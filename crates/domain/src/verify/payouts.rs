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

/// M7: a payout is the sum of its items, as its hash says, and holds them exactly as long as it lives.
const ITEMS: &str = "
WITH listed AS (
    SELECT account_id, payout_id, sum(amount)::bigint AS amount, count(*)::int AS items,
        count(*) FILTER (WHERE released_at IS NULL) AS held,
        string_agg(source || ':' || amount, ' ' ORDER BY source) AS content
    FROM payout_items GROUP BY 1, 2
), said AS (
    SELECT p.*, l.amount AS listed, coalesce(l.items, 0) AS counted, coalesce(l.held, 0) AS held,
        p.content_hash = sha256(convert_to(
            p.partner_id || ' ' || p.currency || ' ' || p.amount || ' ' || l.content, 'UTF8')) AS is_intact,
        p.status NOT IN ('FAILED', 'RETURNED', 'REJECTED', 'CANCELLED') AS is_live
    FROM payouts p LEFT JOIN listed l ON l.account_id = p.account_id AND l.payout_id = p.id
)
SELECT format('payout %s (%s): %s in %s items, listed %s in %s, holds %s, its hash is right: %s',
    id, status, amount, items, listed, counted, held, is_intact) AS what
FROM said
WHERE listed IS DISTINCT FROM amount OR counted <> items OR is_intact IS NOT true
    OR held <> CASE WHEN is_live THEN items ELSE 0 END
LIMIT $1";

/// Money moved as far as the payout stands, once.
const MOVED: &str = "
WITH expected AS (
    SELECT p.id, p.account_id, p.amount, p.status, r.reason
    FROM payouts p CROSS JOIN LATERAL unnest(CASE
        WHEN p.status = 'PAID' THEN ARRAY['RESERVED', 'PAID']
        WHEN p.status = 'RETURNED' THEN ARRAY['RESERVED', 'PAID', 'RETURNED']
        WHEN p.status IN ('FAILED', 'REJECTED', 'CANCELLED') THEN ARRAY['RESERVED', 'UNRESERVED']
        ELSE ARRAY['RESERVED'] END) AS r (reason)
), moved AS (
    SELECT account_id, source, reason, amount FROM ledger_transfers
    WHERE reason IN ('RESERVED', 'UNRESERVED', 'PAID', 'RETURNED')
)
SELECT format('payout %s (%s): %s of %s, the ledger says %s', coalesce(e.id, m.source), e.status,
    coalesce(e.reason, m.reason), e.amount, m.amount) AS what
FROM expected e FULL JOIN moved m ON m.account_id = e.account_id AND m.source = e.id AND m.reason = e.reason
WHERE e.amount IS DISTINCT FROM m.amount
LIMIT $1";

/// A reward is reserved or paid exactly while a live payout has it.
const REWARDS: &str = "
SELECT format('reward %s is %s, its payout %s is %s', r.id, r.status, p.id, p.status) AS what
FROM rewards r
    LEFT JOIN payout_items i ON i.source = r.id AND i.released_at IS NULL
    LEFT JOIN payouts p ON p.account_id = i.account_id AND p.id = i.payout_id
WHERE (CASE WHEN p.id IS NULL THEN r.status NOT IN ('RESERVED', 'PAID')
    WHEN p.status = 'PAID' THEN r.status = 'PAID' ELSE r.status = 'RESERVED' END) IS NOT true
LIMIT $1";

/// What is open sums to what is available, to the cent.
const OPEN: &str = "
WITH open AS (
    SELECT r.account_id, r.partner_id, r.currency, r.released_net AS amount
    FROM rewards r
    WHERE r.partner_id IS NOT NULL AND r.released_at IS NOT NULL AND r.status IN ('AVAILABLE', 'REVERSED')
    UNION ALL
    SELECT r.account_id, r.partner_id, r.currency, CASE v.kind WHEN 'REVERSAL' THEN -v.amount ELSE v.amount END
    FROM reversals v JOIN rewards r ON r.account_id = v.account_id AND r.id = v.reward_id
    WHERE v.after_release AND r.partner_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM payout_items i WHERE i.source = v.id AND i.released_at IS NULL)
), summed AS (
    SELECT account_id, partner_id, currency, sum(amount)::bigint AS amount FROM open GROUP BY 1, 2, 3
)
SELECT format('%s in %s: %s available, open items come to %s', coalesce(b.partner_id, s.partner_id),
    coalesce(b.currency, s.currency), b.available, s.amount) AS what
FROM (SELECT * FROM balances WHERE partner_id IS NOT NULL) b
FULL JOIN summed s ON s.account_id = b.account_id AND s.partner_id = b.partner_id AND s.currency = b.currency
-- Units are redeemed, and no item of anything.
WHERE coalesce(b.available, 0) <> coalesce(s.amount, 0) - CASE
    WHEN coalesce(b.currency, s.currency) ~ '^[a-z]' THEN coalesce(b.paid, 0) ELSE 0 END
LIMIT $1";

/// A batch is the sum of its payouts, as its hash says, and as far as they are.
const BATCHES: &str = "
WITH summed AS (
    SELECT account_id, batch_id, count(*) AS payouts, sum(amount)::bigint AS total,
        count(*) FILTER (WHERE status = 'PAID') AS paid,
        count(*) FILTER (WHERE status IN ('FAILED', 'RETURNED')) AS failed,
        count(*) FILTER (WHERE status = 'CANCELLED') AS cancelled,
        sha256(convert_to(coalesce(
            string_agg(id || ':' || encode(content_hash, 'hex') || ':' || method_id, ' ' ORDER BY id), ''), 'UTF8')) AS hash
    FROM payouts WHERE batch_id IS NOT NULL GROUP BY 1, 2
)
SELECT format('batch %s (%s): %s payouts of %s, %s paid, %s failed, %s cancelled; they say %s of %s, %s, %s, %s; its hash is right: %s',
    b.id, b.status, b.payouts, b.total, b.paid, b.failed, b.cancelled, s.payouts, s.total, s.paid, s.failed, s.cancelled,
    b.content_hash = s.hash) AS what
FROM payout_batches b LEFT JOIN summed s ON s.account_id = b.account_id AND s.batch_id = b.id
WHERE (b.payouts, b.total, b.paid, b.failed, b.cancelled) IS DISTINCT FROM (coalesce(s.payouts, 0), coalesce(s.total, 0),
        coalesce(s.paid, 0), coalesce(s.failed, 0), coalesce(s.cancelled, 0))
    OR (s.hash IS NOT NULL AND b.content_hash <> s.hash)
LIMIT $1";

/// V4, with M7 and M8: each item is in one live payout at most, a payout is the sum of its items, and money moved once.
pub(super) async fn payouts(conn: &mut AsyncPgConnection) -> QueryResult<Finding> {
    let mut violations = Vec::new();
    for sql in [ITEMS, MOVED, REWARDS, OPEN, BATCHES] {
        let differences: Vec<Difference> = diesel::sql_query(sql).bind::<BigInt, _>(SHOWN).load(conn).await?;
        violations.extend(differences.into_iter().map(|difference| difference.what));
    }
    let count: Count = diesel::sql_query("SELECT count(*) AS count FROM payouts").get_result(conn).await?;
    Ok(Finding {
        check: "V4",
        about: "payouts are the sums of their items, each in one live payout at most, and money moved once",
        looked_at: count.count,
        violations,
    })
}
