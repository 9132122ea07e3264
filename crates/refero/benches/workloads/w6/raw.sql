-- The same rows by hand: one statement for each table and step, with nothing checked, judged, told or resumable.
BEGIN;
INSERT INTO payout_batches (id, account_id, program_id, currency, rail, status, origin, four_eyes, cutoff_at, payouts, total, paid,
    failed, cancelled, prepared_by, created_at, updated_at)
    SELECT gen_random_uuid(), account_id, id, currency, 'STORE_CREDIT', 'DRAFT', 'MANUAL', false, now(), 0, 0, 0, 0, 0, 'x', now(), now()
    FROM programs;
CREATE TEMPORARY TABLE made ON COMMIT DROP AS
    SELECT gen_random_uuid() AS id, r.account_id, r.program_id, r.partner_id, r.currency, sum(r.released_net)::bigint AS amount,
        count(*)::int AS items, sha256(convert_to(string_agg(r.id || ':' || r.released_net, ' ' ORDER BY r.id), 'UTF8')) AS hash
    FROM rewards r WHERE r.status = 'AVAILABLE' GROUP BY 2, 3, 4, 5;
INSERT INTO payouts (id, account_id, program_id, partner_id, currency, amount, items, content_hash, method_id, fee_payer, status, by_batch,
    batch_id, requested_by, created_at, updated_at)
    SELECT m.id, m.account_id, m.program_id, m.partner_id, m.currency, m.amount, m.items, m.hash, w.id, 'OWNER', 'BATCHED', true, b.id, 'x',
        now(), now()
    FROM made m JOIN partners p ON p.id = m.partner_id JOIN payout_methods w ON w.profile_id = p.profile_id, payout_batches b;
INSERT INTO payout_items (account_id, payout_id, source, kind, amount)
    SELECT r.account_id, m.id, r.id, 'REWARD', r.released_net FROM rewards r JOIN made m USING (partner_id)
    WHERE r.status = 'AVAILABLE';
UPDATE rewards SET status = 'RESERVED', updated_at = now() WHERE status = 'AVAILABLE';
INSERT INTO ledger_accounts (id, account_id, program_id, kind, partner_id, currency)
    SELECT gen_random_uuid(), m.account_id, m.program_id, k.kind, m.partner_id, m.currency
    FROM made m CROSS JOIN (VALUES ('RESERVED'), ('PAID')) AS k (kind);
INSERT INTO ledger_transfers (id, account_id, debit, credit, currency, amount, reason, source, at)
    SELECT gen_random_uuid(), m.account_id, a.id, r.id, m.currency, m.amount, 'RESERVED', m.id, now() FROM made m
    JOIN ledger_accounts a ON a.partner_id = m.partner_id AND a.kind = 'AVAILABLE'
    JOIN ledger_accounts r ON r.partner_id = m.partner_id AND r.kind = 'RESERVED';
UPDATE balances b SET available = b.available - m.amount, reserved = b.reserved + m.amount FROM made m
    WHERE b.partner_id = m.partner_id;
UPDATE payouts SET status = 'SENDING', sent_at = now(), updated_at = now();
UPDATE rewards SET status = 'PAID', updated_at = now() WHERE status = 'RESERVED';
INSERT INTO ledger_transfers (id, account_id, debit, credit, currency, amount, reason, source, at)
    SELECT gen_random_uuid(), m.account_id, r.id, p.id, m.currency, m.amount, 'PAID', m.id, now() FROM made m
    JOIN ledger_accounts r ON r.partner_id = m.partner_id AND r.kind = 'RESERVED'
    JOIN ledger_accounts p ON p.partner_id = m.partner_id AND p.kind = 'PAID';
UPDATE balances b SET reserved = b.reserved - m.amount, paid = b.paid + m.amount FROM made m WHERE b.partner_id = m.partner_id;
UPDATE payouts SET status = 'PAID', ended_at = now(), updated_at = now();
COMMIT;
