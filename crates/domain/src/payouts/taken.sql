WITH wanted AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[], $6::uuid[])
        AS w (partner_id, payout_id, method_id, minimum, maximum, retry_of)
),
-- Everybody locks rewards in the order of ids.
locked AS MATERIALIZED (
    SELECT r.id, r.partner_id, r.released_net AS amount FROM rewards r
    WHERE r.account_id = $7 AND r.program_id = $8 AND r.currency = $9 AND r.partner_id = ANY ($1)
        AND r.status IN ('AVAILABLE', 'REVERSED') AND (r.released_at <= $10 OR r.released_net < 0)
        -- Of what is reversed nothing is left, unless another payout has already taken it off.
        AND (r.status = 'AVAILABLE' OR EXISTS (
            SELECT FROM reversals v JOIN payout_items i ON i.source = v.id AND i.released_at IS NULL
            WHERE v.account_id = $7 AND v.reward_id = r.id))
    ORDER BY r.id /*lock*/
),
-- Corrections downward are owed, whatever was chosen.
chosen AS (
    SELECT l.* FROM locked l JOIN wanted w USING (partner_id)
    WHERE l.amount < 0 OR (
        ($11::uuid[] IS NULL OR l.id = ANY ($11))
        AND (w.retry_of IS NULL OR EXISTS (
            SELECT FROM payout_items i WHERE i.account_id = $7 AND i.payout_id = w.retry_of AND i.source = l.id)))
),
changed AS (
    SELECT v.id, v.reward_id, v.partner_id, CASE v.kind WHEN 'REVERSAL' THEN -v.amount ELSE v.amount END AS amount
    FROM reversals v
    WHERE v.account_id = $7 AND v.program_id = $8 AND v.partner_id = ANY ($1) AND v.after_release
        AND NOT EXISTS (SELECT FROM payout_items i WHERE i.source = v.id AND i.released_at IS NULL)
),
-- While a reward is open, what was taken back of it goes with it.
own AS (SELECT v.* FROM changed v JOIN chosen c ON c.id = v.reward_id),
-- What changed of rewards that a payout has already is owed, or owed back.
debts AS (
    SELECT v.* FROM changed v JOIN rewards r ON r.account_id = $7 AND r.id = v.reward_id
    WHERE r.currency = $9 AND r.status IN ('RESERVED', 'PAID')
),
sized AS (
    SELECT c.id, c.partner_id, c.amount, w.maximum, c.amount + coalesce(o.amount, 0) AS remaining
    FROM chosen c JOIN wanted w USING (partner_id)
        LEFT JOIN (SELECT reward_id, sum(amount) AS amount FROM own GROUP BY reward_id) o ON o.reward_id = c.id
),
-- A reward that is more than the maximum by itself stays behind, and keeps no other.
ranked AS (
    SELECT s.id, s.maximum, s.remaining, coalesce(d.amount, 0) + sum(s.remaining)
            OVER (PARTITION BY s.partner_id ORDER BY s.amount < 0 DESC, s.id) AS running
    FROM sized s LEFT JOIN (SELECT partner_id, sum(amount) AS amount FROM debts GROUP BY partner_id) d USING (partner_id)
    WHERE s.maximum IS NULL OR s.remaining <= s.maximum
),
kept AS (SELECT id FROM ranked WHERE maximum IS NULL OR remaining < 0 OR running <= maximum),
taken AS (
    SELECT c.id AS source, 'REWARD' AS kind, c.partner_id, c.amount FROM chosen c JOIN kept k ON k.id = c.id
    UNION ALL SELECT o.id, 'REVERSAL', o.partner_id, o.amount FROM own o JOIN kept k ON k.id = o.reward_id
    UNION ALL SELECT d.id, 'REVERSAL', d.partner_id, d.amount FROM debts d
),
sums AS (
    SELECT t.partner_id, sum(t.amount)::bigint AS amount, count(*)::int AS items,
        sha256(convert_to(
            t.partner_id || ' ' || $9 || ' ' || sum(t.amount) || ' '
                || string_agg(t.source || ':' || t.amount, ' ' ORDER BY t.source), 'UTF8')) AS content_hash
    FROM taken t GROUP BY t.partner_id
),
paid AS (
    SELECT s.*, w.payout_id, w.method_id, w.retry_of FROM sums s JOIN wanted w USING (partner_id)
    WHERE s.amount > 0 AND s.amount >= w.minimum
)
