-- Partners with a place for their money, and rewards that are available, as the verbs would leave them. Foreign keys are
-- right by construction and not checked.
SET session_replication_role = replica;
CREATE TABLE bench_paid AS
    SELECT n, gen_random_uuid() AS partner, gen_random_uuid() AS profile, gen_random_uuid() AS available,
        gen_random_uuid() AS held
    FROM generate_series(1, :partners) n;
INSERT INTO partner_profiles (id, account_id, email, name, created_at, updated_at)
    SELECT p.profile, g.account_id, 'paid-' || p.n || '@example.com', 'Paid ' || p.n, now(), now()
    FROM bench_paid p, programs g;
INSERT INTO partners (id, account_id, program_id, profile_id, key, status, tags, created_at, updated_at)
    SELECT p.partner, g.account_id, g.id, p.profile, 'paid-' || p.n, 'APPROVED', '{}', now(), now()
    FROM bench_paid p, programs g;
INSERT INTO payout_methods (id, account_id, profile_id, kind, label, key_id, details, default_since, replaced_another,
    created_by, created_at, updated_at)
    SELECT gen_random_uuid(), g.account_id, p.profile, 'STORE_CREDIT', 'Store credit', 'k', '', now(), false, 'system', now(), now()
    FROM bench_paid p, programs g;
INSERT INTO ledger_accounts (id, account_id, program_id, kind, partner_id, currency)
    SELECT p.available, g.account_id, g.id, 'AVAILABLE', p.partner, g.currency FROM bench_paid p, programs g
    UNION ALL SELECT p.held, g.account_id, g.id, 'HELD', p.partner, g.currency FROM bench_paid p, programs g;
CREATE TABLE bench_rewards AS
    SELECT gen_random_uuid() AS id, p.partner, p.available, p.held, 100 + s.number::bigint * 7919 % 10000 AS cents
    FROM generate_series(1, :rewards) s (number) JOIN bench_paid p ON p.n = 1 + s.number % :partners;
INSERT INTO rewards (id, account_id, program_id, partner_id, trigger, source, level, evaluation, currency, amount, net, rounding,
    whole_reversal, of_reward, trace, status, under_review, hold_until, released_at, released_net, event_at, reason, created_at, updated_at)
    SELECT r.id, g.account_id, g.id, r.partner, 'MANUAL', r.id, 0, 1, g.currency, r.cents, r.cents, 'HALF_EVEN', false, false,
        '{}', 'AVAILABLE', false, now(), now() - interval '1 hour', r.cents, now(), 'filled', now(), now()
    FROM bench_rewards r, programs g;
INSERT INTO ledger_transfers (id, account_id, debit, credit, currency, amount, reason, source, at)
    SELECT gen_random_uuid(), g.account_id, r.held, r.available, g.currency, r.cents, 'RELEASED', r.id, now()
    FROM bench_rewards r, programs g;
INSERT INTO balances (account_id, program_id, partner_id, currency, held, available, reserved, paid)
    SELECT g.account_id, g.id, r.partner, g.currency, 0, sum(r.cents), 0, 0
    FROM bench_rewards r, programs g GROUP BY g.account_id, g.id, r.partner, g.currency;
DROP TABLE bench_rewards, bench_paid;
