-- Payouts of a program, of one currency, over one rail: what is frozen of it never changes (M9).
CREATE TABLE payout_batches (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    currency text NOT NULL,
    rail text NOT NULL CHECK (rail IN
        ('PAYPAL', 'WISE', 'SEPA_FILE', 'PAYPAL_FILE', 'WISE_FILE', 'FILE', 'STORE_CREDIT', 'MANUAL')),
    status text NOT NULL CHECK (status IN
        ('DRAFT', 'AWAITING_APPROVAL', 'APPROVED', 'EXECUTING', 'COMPLETED', 'PARTLY_FAILED', 'CANCELLED')),
    origin text NOT NULL CHECK (origin IN ('MANUAL', 'SCHEDULE', 'RETRY')),
    four_eyes boolean NOT NULL,
    -- Rewards that were released by then.
    cutoff_at timestamptz NOT NULL,
    -- The kinds of methods that it pays by; all that its rail reaches if absent.
    methods text[] CHECK (cardinality(methods) >= 1),
    -- The only partners that it may take; all if absent.
    partners uuid[],
    -- The rail that does not reach the accounts which it pays to; it pays to all if absent.
    beyond text CHECK (beyond IS NULL OR rail = 'FILE' AND beyond IN
        ('PAYPAL', 'WISE', 'SEPA_FILE', 'PAYPAL_FILE', 'WISE_FILE', 'STORE_CREDIT', 'MANUAL')),
    -- The batch whose failed payouts it tries again.
    retry_of uuid,
    -- Up to which partner its ranges are frozen, while it is a draft.
    frozen_up_to uuid,
    payouts integer NOT NULL CHECK (payouts >= 0),
    total bigint NOT NULL CHECK (total >= 0),
    content_hash bytea,
    paid integer NOT NULL CHECK (paid >= 0),
    failed integer NOT NULL CHECK (failed >= 0),
    cancelled integer NOT NULL CHECK (cancelled >= 0),
    prepared_by text NOT NULL,
    approved_by text,
    executed_by text,
    created_at timestamptz NOT NULL,
    frozen_at timestamptz,
    approved_at timestamptz,
    executed_at timestamptz,
    ended_at timestamptz,
    updated_at timestamptz NOT NULL,
    UNIQUE (account_id, id),
    CONSTRAINT payout_batches_ends CHECK (paid + failed + cancelled <= payouts),
    CONSTRAINT payout_batches_frozen CHECK ((frozen_at IS NULL) = (content_hash IS NULL)),
    -- S4: nobody approves what they have prepared.
    CONSTRAINT payout_batches_four_eyes CHECK (NOT four_eyes OR approved_by <> prepared_by),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, retry_of) REFERENCES payout_batches (account_id, id)
);
CREATE INDEX payout_batches_program_idx ON payout_batches (account_id, program_id, id);
CREATE INDEX payout_batches_retry_idx ON payout_batches (account_id, retry_of);
CREATE INDEX payout_batches_open_idx ON payout_batches (account_id, program_id, created_at)
    WHERE status IN ('DRAFT', 'AWAITING_APPROVAL', 'APPROVED', 'EXECUTING');
CREATE TRIGGER payout_batches_keep BEFORE DELETE ON payout_batches FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payout_batches_freeze BEFORE UPDATE ON payout_batches FOR EACH ROW
    WHEN (OLD.frozen_at IS NOT NULL AND
          (NEW.id, NEW.account_id, NEW.program_id, NEW.currency, NEW.rail, NEW.origin, NEW.four_eyes, NEW.cutoff_at,
           NEW.payouts, NEW.total, NEW.content_hash, NEW.prepared_by, NEW.frozen_at)
          IS DISTINCT FROM
          (OLD.id, OLD.account_id, OLD.program_id, OLD.currency, OLD.rail, OLD.origin, OLD.four_eyes, OLD.cutoff_at,
           OLD.payouts, OLD.total, OLD.content_hash, OLD.prepared_by, OLD.frozen_at))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payout_batches_keep_all BEFORE TRUNCATE ON payout_batches EXECUTE FUNCTION refuse_change();

-- What one call to a provider, or one file, pays: fixed before the call, under one reference for all its attempts (I7).
CREATE TABLE payout_submissions (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    chunk integer NOT NULL CHECK (chunk >= 1),
    reference text NOT NULL,
    status text NOT NULL CHECK (status IN ('PENDING', 'IN_FLIGHT', 'UNKNOWN', 'REFUSED', 'ACCEPTED', 'DONE', 'ABANDONING', 'CANCELLED')),
    payouts integer NOT NULL CHECK (payouts > 0),
    total bigint NOT NULL CHECK (total > 0),
    -- From whose account at the provider it is paid: another one knows nothing of it.
    payer text,
    -- What the provider made of it before it was asked to pay, and what it calls it since.
    draft text,
    provider_reference text,
    file_id uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (account_id, id),
    CONSTRAINT payout_submissions_reference_key UNIQUE (reference),
    CONSTRAINT payout_submissions_chunk_key UNIQUE (account_id, batch_id, chunk),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, batch_id) REFERENCES payout_batches (account_id, id),
    FOREIGN KEY (account_id, file_id) REFERENCES files (account_id, id)
);
CREATE INDEX payout_submissions_program_idx ON payout_submissions (account_id, program_id);
CREATE INDEX payout_submissions_file_idx ON payout_submissions (account_id, file_id);
CREATE INDEX payout_submissions_refused_idx ON payout_submissions (account_id, program_id, updated_at)
    WHERE status = 'REFUSED';
-- A provider's news may say its own name of a submission alone.
CREATE INDEX payout_submissions_provider_reference_idx ON payout_submissions (provider_reference)
    WHERE provider_reference IS NOT NULL;
CREATE TRIGGER payout_submissions_keep BEFORE DELETE ON payout_submissions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Each time that the provider was asked to pay, or what became of it. The row stands before the call is made.
CREATE TABLE payout_attempts (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    submission_id uuid NOT NULL,
    number integer NOT NULL CHECK (number >= 1),
    outcome text NOT NULL CHECK (outcome IN ('IN_FLIGHT', 'SUCCEEDED', 'FAILED', 'UNKNOWN')),
    -- What the provider said, without personal data.
    error text,
    started_at timestamptz NOT NULL,
    -- When the provider was last asked to pay: then, or by a look-up that pays.
    asked_at timestamptz NOT NULL CHECK (asked_at >= started_at),
    finished_at timestamptz,
    UNIQUE (account_id, id),
    CONSTRAINT payout_attempts_number_key UNIQUE (account_id, submission_id, number),
    CONSTRAINT payout_attempts_ended CHECK ((outcome = 'IN_FLIGHT') = (finished_at IS NULL)),
    FOREIGN KEY (account_id, submission_id) REFERENCES payout_submissions (account_id, id)
);
-- One call of a submission at a time.
CREATE UNIQUE INDEX payout_attempts_one_in_flight ON payout_attempts (submission_id) WHERE outcome = 'IN_FLIGHT';

CREATE TABLE payouts (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    partner_id uuid NOT NULL,
    currency text NOT NULL,
    -- M8: never at or below zero.
    amount bigint NOT NULL CHECK (amount > 0),
    items integer NOT NULL CHECK (items > 0),
    -- Of its items, amount, currency, partner and method.
    content_hash bytea NOT NULL,
    method_id uuid NOT NULL,
    -- Who bears what the provider charges, as the policy said when it was made.
    fee_payer text NOT NULL CHECK (fee_payer IN ('OWNER', 'PARTNER')),
    status text NOT NULL CHECK (status IN ('REQUESTED', 'NEEDS_CHANGES', 'APPROVED', 'BATCHED', 'SENDING', 'PAID', 'FAILED',
        'RETURNED', 'REJECTED', 'CANCELLED')),
    -- Whether it is in a batch without having been asked for.
    by_batch boolean NOT NULL,
    batch_id uuid,
    submission_id uuid,
    retry_of uuid,
    invoice_id uuid,
    -- What was said with the last decision or failure.
    reason text CHECK (char_length(reason) <= 500),
    -- The provider's word for why it failed.
    failure_code text,
    provider_reference text,
    fee bigint CHECK (fee >= 0),
    fee_currency text,
    requested_by text NOT NULL,
    approved_by text,
    created_at timestamptz NOT NULL,
    approved_at timestamptz,
    sent_at timestamptz,
    ended_at timestamptz,
    updated_at timestamptz NOT NULL,
    UNIQUE (account_id, id),
    CONSTRAINT payouts_batched CHECK (
        CASE WHEN status IN ('REQUESTED', 'NEEDS_CHANGES', 'APPROVED', 'REJECTED') THEN batch_id IS NULL
            WHEN status = 'CANCELLED' THEN true ELSE batch_id IS NOT NULL END),
    CONSTRAINT payouts_fee CHECK ((fee IS NULL) = (fee_currency IS NULL)),
    FOREIGN KEY (account_id, program_id, partner_id) REFERENCES partners (account_id, program_id, id),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, method_id) REFERENCES payout_methods (account_id, id),
    FOREIGN KEY (account_id, batch_id) REFERENCES payout_batches (account_id, id),
    FOREIGN KEY (account_id, submission_id) REFERENCES payout_submissions (account_id, id),
    FOREIGN KEY (account_id, retry_of) REFERENCES payouts (account_id, id),
    FOREIGN KEY (account_id, invoice_id) REFERENCES files (account_id, id)
);
CREATE INDEX payouts_program_idx ON payouts (account_id, program_id, id);
CREATE INDEX payouts_partner_idx ON payouts (account_id, partner_id, id);
CREATE INDEX payouts_method_idx ON payouts (account_id, method_id);
CREATE INDEX payouts_batch_idx ON payouts (account_id, batch_id, id);
CREATE INDEX payouts_submission_idx ON payouts (account_id, submission_id, id);
CREATE INDEX payouts_invoice_idx ON payouts (account_id, invoice_id);
CREATE INDEX payouts_retry_idx ON payouts (account_id, retry_of);
-- A payout is tried again once at a time.
CREATE UNIQUE INDEX payouts_retry_key ON payouts (retry_of)
    WHERE retry_of IS NOT NULL AND status NOT IN ('CANCELLED', 'FAILED', 'RETURNED', 'REJECTED');
CREATE INDEX payouts_requested_idx ON payouts (account_id, program_id, created_at) INCLUDE (currency, amount)
    WHERE status = 'REQUESTED';
CREATE INDEX payouts_failed_idx ON payouts (account_id, program_id, ended_at) INCLUDE (currency, amount)
    WHERE status IN ('FAILED', 'RETURNED');
CREATE TRIGGER payouts_keep BEFORE DELETE ON payouts FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payouts_freeze BEFORE UPDATE ON payouts FOR EACH ROW
    WHEN ((NEW.id, NEW.account_id, NEW.program_id, NEW.partner_id, NEW.currency, NEW.amount, NEW.items, NEW.by_batch,
           NEW.fee_payer, NEW.retry_of, NEW.requested_by, NEW.created_at)
          IS DISTINCT FROM
          (OLD.id, OLD.account_id, OLD.program_id, OLD.partner_id, OLD.currency, OLD.amount, OLD.items, OLD.by_batch,
           OLD.fee_payer, OLD.retry_of, OLD.requested_by, OLD.created_at))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payouts_keep_all BEFORE TRUNCATE ON payouts EXECUTE FUNCTION refuse_change();

-- What a payout pays: a reward by what was released of it, or what was taken back or given back after its release. Each in one
-- live payout at most (M7): `released_at` says that the payout let it go.
CREATE TABLE payout_items (
    account_id uuid NOT NULL,
    payout_id uuid NOT NULL,
    -- The id of the reward or of the reversal: ids are unique across both. No foreign key: there are as many as rewards.
    source uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('REWARD', 'REVERSAL')),
    amount bigint NOT NULL,
    released_at timestamptz,
    PRIMARY KEY (account_id, payout_id, source),
    FOREIGN KEY (account_id, payout_id) REFERENCES payouts (account_id, id)
);
CREATE UNIQUE INDEX payout_items_live_key ON payout_items (source) WHERE released_at IS NULL;
CREATE INDEX payout_items_released_idx ON payout_items (source) WHERE released_at IS NOT NULL;
CREATE TRIGGER payout_items_keep BEFORE DELETE ON payout_items FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payout_items_freeze BEFORE UPDATE ON payout_items FOR EACH ROW
    WHEN (OLD.released_at IS NOT NULL OR (NEW.account_id, NEW.payout_id, NEW.source, NEW.kind, NEW.amount)
          IS DISTINCT FROM (OLD.account_id, OLD.payout_id, OLD.source, OLD.kind, OLD.amount))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payout_items_keep_all BEFORE TRUNCATE ON payout_items EXECUTE FUNCTION refuse_change();

-- When the next drafts of a program's schedule are due, which is also their cutoff; and when they are tried again, if they could
-- not be made then.
CREATE TABLE payout_schedules (
    program_id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    next_at timestamptz NOT NULL,
    retry_at timestamptz,
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id)
);
CREATE INDEX payout_schedules_program_idx ON payout_schedules (account_id, program_id);
CREATE INDEX payout_schedules_due_idx ON payout_schedules (next_at);

-- What people bring back from banks and providers, and what was read of it.
CREATE TABLE payout_results (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    file_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('PENDING', 'READ', 'REFUSED')),
    -- How many payouts it brought to an end, and of how many it said what was known.
    settled integer NOT NULL CHECK (settled >= 0),
    unchanged integer NOT NULL CHECK (unchanged >= 0),
    -- What could not be used, a sentence for each line.
    problems text[] NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    UNIQUE (account_id, id),
    CONSTRAINT payout_results_file_key UNIQUE (account_id, batch_id, file_id),
    CONSTRAINT payout_results_ended CHECK ((status = 'PENDING') = (read_at IS NULL)),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, batch_id) REFERENCES payout_batches (account_id, id),
    FOREIGN KEY (account_id, file_id) REFERENCES files (account_id, id)
);
CREATE INDEX payout_results_program_idx ON payout_results (account_id, program_id);
CREATE INDEX payout_results_file_idx ON payout_results (account_id, file_id);
CREATE TRIGGER payout_results_keep BEFORE DELETE ON payout_results FOR EACH ROW EXECUTE FUNCTION refuse_change();
