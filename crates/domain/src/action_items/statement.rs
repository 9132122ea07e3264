//! The one statement that finds what waits. Each part is gated by the kinds that are asked for, and begins at an index of what
//! is open, or at the programs in reach; the limits inside keep the planner from reading more than is counted.
//!
//! $1 account, $2 programs in reach or null, $3 kinds in the order that they are shown in, $4 most of a kind that are counted,
//! $5 since when emails and failures are looked at, $6 now, $7 most items.

/// See the module.
pub(super) const OPEN: &str = "
WITH reach AS MATERIALIZED (
    SELECT p.id, p.status, p.created_at FROM programs p
    WHERE p.account_id = $1 AND ($2::uuid[] IS NULL OR p.id = ANY ($2))
), drafts AS MATERIALIZED (
    SELECT r.id, r.created_at, t.is_published FROM reach r
    LEFT JOIN LATERAL (
        SELECT true AS is_published FROM terms t
        WHERE t.account_id = $1 AND t.program_id = r.id AND t.published_at IS NOT NULL
            AND t.group_id IS NULL AND t.partner_id IS NULL ORDER BY t.number LIMIT 1
    ) t ON true
    WHERE r.status = 'DRAFT' AND $3::text[] && ARRAY['PROGRAM_WITHOUT_TERMS', 'PROGRAM_IN_DRAFT']
), open (kind, program_id, count, currencies, amounts, oldest_at) AS (
    SELECT 'PROGRAM_STOPPED', c.program_id, 1::bigint, NULL::text[], NULL::bigint[], c.stopped_at
    FROM reward_cursors c JOIN reach r ON r.id = c.program_id
    WHERE c.account_id = $1 AND c.stopped_at IS NOT NULL AND 'PROGRAM_STOPPED' = ANY ($3)
  UNION ALL
    SELECT 'JOBS_DEAD', NULL, x.count, NULL, NULL, x.oldest_at
    FROM (SELECT count(*) AS count, min(d.finished_at) AS oldest_at FROM (
        SELECT h.finished_at FROM job_history_long h WHERE h.account_id = $1 AND h.state = 'dead'
        ORDER BY h.finished_at LIMIT $4) d) x
    WHERE 'JOBS_DEAD' = ANY ($3)
  UNION ALL
    SELECT 'EMAILS_FAILED', NULL, x.count, NULL, NULL, x.oldest_at
    FROM (SELECT count(*) AS count, min(d.updated_at) AS oldest_at FROM (
        SELECT e.updated_at FROM email_messages e
        WHERE e.account_id = $1 AND e.status = 'FAILED' AND e.template <> 'invite' AND e.updated_at >= $5
        ORDER BY e.updated_at LIMIT $4) d) x
    WHERE 'EMAILS_FAILED' = ANY ($3)
  UNION ALL
    SELECT 'PAYOUTS_REFUSED', r.id, x.count, x.currencies, x.amounts, x.oldest_at
    FROM reach r CROSS JOIN LATERAL (
        SELECT sum(c.count)::bigint AS count, array_agg(c.currency ORDER BY c.currency) AS currencies,
            array_agg(c.amount ORDER BY c.currency) AS amounts, min(c.oldest_at) AS oldest_at
        FROM (SELECT d.currency, count(*) AS count, sum(d.amount)::bigint AS amount, min(d.at) AS oldest_at
            FROM (SELECT b.currency, s.total AS amount, s.updated_at AS at FROM payout_submissions s
                JOIN payout_batches b ON b.account_id = s.account_id AND b.id = s.batch_id
                WHERE s.account_id = $1 AND s.program_id = r.id AND s.status = 'REFUSED'
                ORDER BY s.updated_at LIMIT $4) d
            GROUP BY d.currency) c) x
    WHERE 'PAYOUTS_REFUSED' = ANY ($3)
  UNION ALL
    SELECT 'PAYOUTS_FAILED', r.id, x.count, x.currencies, x.amounts, x.oldest_at
    FROM reach r CROSS JOIN LATERAL (
        SELECT sum(c.count)::bigint AS count, array_agg(c.currency ORDER BY c.currency) AS currencies,
            array_agg(c.amount ORDER BY c.currency) AS amounts, min(c.oldest_at) AS oldest_at
        FROM (SELECT d.currency, count(*) AS count, sum(d.amount)::bigint AS amount, min(d.at) AS oldest_at
            FROM (SELECT p.currency, p.amount, p.ended_at AS at FROM payouts p
                WHERE p.account_id = $1 AND p.program_id = r.id AND p.status IN ('FAILED', 'RETURNED') AND p.ended_at >= $5
                    AND NOT EXISTS (SELECT FROM payouts t
                        WHERE t.account_id = p.account_id AND t.retry_of = p.id AND t.status <> 'CANCELLED')
                ORDER BY p.ended_at LIMIT $4) d
            GROUP BY d.currency) c) x
    WHERE 'PAYOUTS_FAILED' = ANY ($3)
  UNION ALL
    SELECT 'PAYOUT_BATCHES_TO_APPROVE', r.id, x.count, x.currencies, x.amounts, x.oldest_at
    FROM reach r CROSS JOIN LATERAL (
        SELECT sum(c.count)::bigint AS count, array_agg(c.currency ORDER BY c.currency) AS currencies,
            array_agg(c.amount ORDER BY c.currency) AS amounts, min(c.oldest_at) AS oldest_at
        FROM (SELECT d.currency, count(*) AS count, sum(d.amount)::bigint AS amount, min(d.at) AS oldest_at
            FROM (SELECT b.currency, b.total AS amount, b.frozen_at AS at FROM payout_batches b
                WHERE b.account_id = $1 AND b.program_id = r.id AND b.status = 'AWAITING_APPROVAL'
                ORDER BY b.created_at LIMIT $4) d
            GROUP BY d.currency) c) x
    WHERE 'PAYOUT_BATCHES_TO_APPROVE' = ANY ($3)
  UNION ALL
    SELECT 'PAYOUT_BATCHES_TO_EXECUTE', r.id, x.count, x.currencies, x.amounts, x.oldest_at
    FROM reach r CROSS JOIN LATERAL (
        SELECT sum(c.count)::bigint AS count, array_agg(c.currency ORDER BY c.currency) AS currencies,
            array_agg(c.amount ORDER BY c.currency) AS amounts, min(c.oldest_at) AS oldest_at
        FROM (SELECT d.currency, count(*) AS count, sum(d.amount)::bigint AS amount, min(d.at) AS oldest_at
            FROM (SELECT b.currency, b.total AS amount, b.approved_at AS at FROM payout_batches b
                WHERE b.account_id = $1 AND b.program_id = r.id AND b.status = 'APPROVED'
                ORDER BY b.created_at LIMIT $4) d
            GROUP BY d.currency) c) x
    WHERE 'PAYOUT_BATCHES_TO_EXECUTE' = ANY ($3)
  UNION ALL
    SELECT 'PAYOUTS_TO_APPROVE', r.id, x.count, x.currencies, x.amounts, x.oldest_at
    FROM reach r CROSS JOIN LATERAL (
        SELECT sum(c.count)::bigint AS count, array_agg(c.currency ORDER BY c.currency) AS currencies,
            array_agg(c.amount ORDER BY c.currency) AS amounts, min(c.oldest_at) AS oldest_at
        FROM (SELECT d.currency, count(*) AS count, sum(d.amount)::bigint AS amount, min(d.at) AS oldest_at
            FROM (SELECT p.currency, p.amount, p.created_at AS at FROM payouts p
                WHERE p.account_id = $1 AND p.program_id = r.id AND p.status = 'REQUESTED'
                ORDER BY p.created_at LIMIT $4) d
            GROUP BY d.currency) c) x
    WHERE 'PAYOUTS_TO_APPROVE' = ANY ($3)
  UNION ALL
    SELECT 'REWARDS_TO_REVIEW', r.id, x.count, x.currencies, x.amounts, x.oldest_at
    FROM reach r CROSS JOIN LATERAL (
        SELECT sum(c.count)::bigint AS count, array_agg(c.currency ORDER BY c.currency) AS currencies,
            array_agg(c.amount ORDER BY c.currency) AS amounts, min(c.oldest_at) AS oldest_at
        FROM (SELECT d.currency, count(*) AS count, sum(d.amount)::bigint AS amount, min(d.created_at) AS oldest_at
            FROM (SELECT w.currency, w.net AS amount, w.created_at FROM rewards w
                WHERE w.account_id = $1 AND w.program_id = r.id AND w.status = 'PENDING_REVIEW'
                ORDER BY w.created_at LIMIT $4) d
            GROUP BY d.currency) c) x
    WHERE 'REWARDS_TO_REVIEW' = ANY ($3)
  UNION ALL
    SELECT 'APPLICATIONS_TO_REVIEW', r.id, x.count, NULL, NULL, x.oldest_at
    FROM reach r CROSS JOIN LATERAL (
        SELECT count(*) AS count, min(d.created_at) AS oldest_at FROM (
            SELECT p.created_at FROM partners p
            WHERE p.account_id = $1 AND p.program_id = r.id AND p.status = 'PENDING'
            ORDER BY p.created_at LIMIT $4) d) x
    WHERE 'APPLICATIONS_TO_REVIEW' = ANY ($3)
  UNION ALL
    SELECT 'ADJUSTMENTS_REFUSED', r.id, x.count, NULL, NULL, x.oldest_at
    FROM reach r CROSS JOIN LATERAL (
        SELECT count(*) AS count, min(d.at) AS oldest_at FROM (
            -- Refused when both had arrived.
            SELECT greatest(a.created_at, t.created_at) AS at FROM adjustments a
            JOIN transactions t ON t.program_id = a.program_id AND t.key = a.transaction_key
            WHERE a.account_id = $1 AND a.program_id = r.id AND a.refused IS NOT NULL
                AND greatest(a.created_at, t.created_at) >= $5
            LIMIT $4) d) x
    WHERE 'ADJUSTMENTS_REFUSED' = ANY ($3)
  UNION ALL
    SELECT 'ADJUSTMENTS_WAITING', r.id, x.count, NULL, NULL, x.oldest_at
    FROM reach r CROSS JOIN LATERAL (
        SELECT count(*) AS count, min(d.created_at) AS oldest_at FROM (
            SELECT a.created_at FROM adjustments a
            WHERE a.account_id = $1 AND a.program_id = r.id AND a.transaction_id IS NULL AND a.refused IS NULL
                AND a.created_at < $6 - interval '24 hours'
                AND NOT EXISTS (SELECT FROM transactions t WHERE t.program_id = a.program_id AND t.key = a.transaction_key)
                AND NOT EXISTS (SELECT FROM adjustments c WHERE c.program_id = a.program_id AND c.key = a.chargeback_key)
            ORDER BY a.created_at LIMIT $4) d) x
    WHERE 'ADJUSTMENTS_WAITING' = ANY ($3)
  UNION ALL
    SELECT 'INVITES_BOUNCED', NULL, x.count, NULL, NULL, x.oldest_at
    FROM (SELECT count(*) AS count, min(d.asked_at) AS oldest_at FROM (
        SELECT i.asked_at FROM invites i
        WHERE i.account_id = $1 AND i.status = 'PENDING' AND i.expires_at > $6
            AND i.delivery IN ('BOUNCED', 'FAILED')
            AND ($2 IS NULL OR i.id IN (
                SELECT p.invite_id FROM invite_programs p WHERE p.account_id = $1
                GROUP BY p.invite_id HAVING bool_and(p.program_id = ANY ($2))))
        LIMIT $4) d) x
    WHERE 'INVITES_BOUNCED' = ANY ($3)
  UNION ALL
    SELECT 'EMAILS_BOUNCED', NULL, x.count, NULL, NULL, x.oldest_at
    FROM (SELECT count(*) AS count, min(d.updated_at) AS oldest_at FROM (
        SELECT e.updated_at FROM email_messages e
        WHERE e.account_id = $1 AND e.status = 'BOUNCED' AND e.template <> 'invite' AND e.updated_at >= $5
        ORDER BY e.updated_at LIMIT $4) d) x
    WHERE 'EMAILS_BOUNCED' = ANY ($3)
  UNION ALL
    SELECT 'TRACKING_NOT_SEEN', r.id, 1, NULL, NULL, r.created_at
    FROM reach r LEFT JOIN LATERAL (
        SELECT true AS is_seen FROM customers c WHERE c.account_id = $1 AND c.program_id = r.id ORDER BY c.id LIMIT 1
    ) c ON true
    WHERE r.status = 'ACTIVE' AND c.is_seen IS NULL AND 'TRACKING_NOT_SEEN' = ANY ($3)
  UNION ALL
    SELECT 'PROGRAM_WITHOUT_TERMS', d.id, 1, NULL, NULL, d.created_at FROM drafts d
    WHERE d.is_published IS NULL AND 'PROGRAM_WITHOUT_TERMS' = ANY ($3)
  UNION ALL
    SELECT 'PROGRAM_IN_DRAFT', d.id, 1, NULL, NULL, d.created_at FROM drafts d
    WHERE d.is_published AND 'PROGRAM_IN_DRAFT' = ANY ($3)
)
SELECT kind, program_id, count, currencies, amounts, oldest_at FROM open
WHERE count > 0 ORDER BY array_position($3, kind), oldest_at, program_id LIMIT $7";
