, made AS (
    INSERT INTO payouts (id, account_id, program_id, partner_id, currency, amount, items, content_hash, method_id, fee_payer, status,
        by_batch, batch_id, retry_of, invoice_id, requested_by, created_at, updated_at)
    SELECT payout_id, $7, $8, partner_id, $9, amount, items, content_hash, method_id, fee_payer, $12,
        $13, $14, retry_of, invoice_id, $16, $17, $17
    FROM paid JOIN unnest($2::uuid[], $15::uuid[], $18::text[]) AS f (payout_id, invoice_id, fee_payer) USING (payout_id)
),
listed AS (
    INSERT INTO payout_items (account_id, payout_id, source, kind, amount)
    SELECT $7, p.payout_id, t.source, t.kind, t.amount FROM taken t JOIN paid p USING (partner_id)
),
marked AS (
    UPDATE rewards r SET status = 'RESERVED', updated_at = $17 FROM taken t JOIN paid p USING (partner_id)
    WHERE t.kind = 'REWARD' AND r.id = t.source
)
SELECT payout_id FROM paid ORDER BY payout_id
