-- Bytes that a person gave or that the system made: invoices, statements, files for banks. They never change, but a sealed file is
-- sealed anew after its key was replaced.
CREATE TABLE files (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    content_type text NOT NULL,
    -- By which key the bytes are sealed; NULL where they are as they came. Sealing adds a nonce and a tag.
    key_id text,
    bytes bytea NOT NULL CHECK (octet_length(bytes) BETWEEN 1 AND 10485760 + CASE WHEN key_id IS NULL THEN 0 ELSE 28 END),
    -- None of a sealed one: by the digest of a short list one could find what is in it.
    sha256 bytea CHECK ((sha256 IS NULL) = (key_id IS NOT NULL)),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (account_id, id)
);
CREATE INDEX files_given_idx ON files (account_id, created_at);
CREATE INDEX files_sealed_idx ON files (key_id, id) WHERE key_id IS NOT NULL;
CREATE TRIGGER files_keep BEFORE DELETE ON files FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER files_keep_but_seal BEFORE UPDATE ON files FOR EACH ROW
    WHEN (OLD.key_id IS NULL OR NEW.key_id IS NULL OR OLD.key_id = NEW.key_id
        OR (OLD.id, OLD.account_id, OLD.name, OLD.content_type, OLD.sha256, OLD.created_by, OLD.created_at)
            IS DISTINCT FROM
            (NEW.id, NEW.account_id, NEW.name, NEW.content_type, NEW.sha256, NEW.created_by, NEW.created_at))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER files_keep_all BEFORE TRUNCATE ON files EXECUTE FUNCTION refuse_change();

-- How payouts are made: of a program, of a group of its partners, or of one partner. What is absent is the next wider one's,
-- and at last the default. Schedule and four eyes are of programs alone: they are about batches.
CREATE TABLE payout_policies (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    group_id uuid,
    partner_id uuid,
    methods text[] CHECK (cardinality(methods) >= 1),
    -- In minor units of the program's currency, as the maximum.
    minimum bigint CHECK (minimum >= 0),
    maximum_per_batch bigint CHECK (maximum_per_batch >= 0),
    minimum_customers integer CHECK (minimum_customers >= 0),
    partner_requests boolean,
    auto_approve_requests boolean,
    invoice_required boolean,
    tax_data_required boolean,
    cooldown_hours integer CHECK (cooldown_hours BETWEEN 0 AND 720),
    fee_payer text CHECK (fee_payer IN ('OWNER', 'PARTNER')),
    four_eyes boolean,
    pay_by_api boolean,
    schedule text CHECK (schedule IN ('MANUAL', 'WEEKLY', 'FORTNIGHTLY', 'MONTHLY')),
    -- 1 to 7 from Monday, or 1 to 31 of the month, which a shorter month ends before.
    schedule_day integer,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (account_id, id),
    CONSTRAINT payout_policies_whose_key UNIQUE NULLS NOT DISTINCT (program_id, group_id, partner_id),
    CONSTRAINT payout_policies_one_whose CHECK (num_nonnulls(group_id, partner_id) <= 1),
    CONSTRAINT payout_policies_of_batches CHECK
        (num_nonnulls(group_id, partner_id) = 0 OR num_nonnulls(four_eyes, pay_by_api, schedule, schedule_day) = 0),
    CONSTRAINT payout_policies_schedule CHECK (
        CASE schedule WHEN 'MONTHLY' THEN schedule_day BETWEEN 1 AND 31 AND schedule_day IS NOT NULL
            WHEN 'WEEKLY' THEN schedule_day BETWEEN 1 AND 7 AND schedule_day IS NOT NULL
            WHEN 'FORTNIGHTLY' THEN schedule_day BETWEEN 1 AND 7 AND schedule_day IS NOT NULL
            ELSE schedule_day IS NULL END),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, program_id, group_id) REFERENCES groups (account_id, program_id, id) ON DELETE CASCADE,
    FOREIGN KEY (account_id, program_id, partner_id) REFERENCES partners (account_id, program_id, id)
);
CREATE INDEX payout_policies_program_idx ON payout_policies (account_id, program_id);

-- Where somebody's money goes. The details are encrypted; the label shows no more of them than people may see. A change is
-- another row, so that a payout keeps the details that it was made with.
CREATE TABLE payout_methods (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    profile_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('PAYPAL', 'WISE', 'BANK', 'STORE_CREDIT', 'CRYPTO', 'MANUAL')),
    -- What a rail must carry to pay there, and the one currency that arrives, if any: known without opening the details.
    route text NOT NULL CHECK (route IN ('PAYPAL', 'WISE_EMAIL', 'WISE_IBAN', 'WISE_DOMESTIC', 'BANK_SEPA', 'BANK_IBAN',
        'BANK_DOMESTIC', 'STORE_CREDIT', 'CRYPTO', 'MANUAL')),
    currency text,
    label text NOT NULL,
    -- The key of the vault, and what it sealed.
    key_id text NOT NULL,
    details bytea NOT NULL,
    -- Set while it is the one that is paid to: since when, and whether it took the place of another.
    default_since timestamptz,
    replaced_another boolean NOT NULL,
    archived_at timestamptz,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (account_id, id),
    CONSTRAINT payout_methods_archived_is_no_default CHECK (archived_at IS NULL OR default_since IS NULL),
    FOREIGN KEY (account_id, profile_id) REFERENCES partner_profiles (account_id, id)
);
CREATE INDEX payout_methods_profile_idx ON payout_methods (account_id, profile_id, id);
CREATE UNIQUE INDEX payout_methods_default_key ON payout_methods (account_id, profile_id) WHERE default_since IS NOT NULL;
CREATE TRIGGER payout_methods_keep BEFORE DELETE ON payout_methods FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- A rotation seals the same details anew.
CREATE TRIGGER payout_methods_freeze BEFORE UPDATE ON payout_methods FOR EACH ROW
    WHEN ((NEW.id, NEW.account_id, NEW.profile_id, NEW.kind, NEW.route, NEW.currency, NEW.label, NEW.created_by, NEW.created_at)
          IS DISTINCT FROM
          (OLD.id, OLD.account_id, OLD.profile_id, OLD.kind, OLD.route, OLD.currency, OLD.label, OLD.created_by, OLD.created_at))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payout_methods_keep_all BEFORE TRUNCATE ON payout_methods EXECUTE FUNCTION refuse_change();

-- Who is paid, as invoices and tax offices want to know it.
CREATE TABLE payees (
    profile_id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    company text CHECK (char_length(company) <= 200),
    address text CHECK (char_length(address) <= 500),
    tax_id text CHECK (char_length(tax_id) <= 50),
    updated_at timestamptz NOT NULL,
    FOREIGN KEY (account_id, profile_id) REFERENCES partner_profiles (account_id, id)
);
CREATE INDEX payees_profile_idx ON payees (account_id, profile_id);
