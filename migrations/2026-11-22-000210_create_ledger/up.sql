CREATE TABLE ledger_accounts (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('EXPENSE', 'HELD', 'AVAILABLE', 'RESERVED', 'PAID')),
    -- Whose it is: a partner's or a customer's, and of the expense nobody's.
    partner_id uuid,
    customer_id uuid,
    currency text NOT NULL,
    UNIQUE (account_id, id),
    UNIQUE (account_id, id, currency),
    CONSTRAINT ledger_accounts_one_owner CHECK (num_nonnulls(partner_id, customer_id) = (kind <> 'EXPENSE')::int),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, partner_id) REFERENCES partners (account_id, id),
    FOREIGN KEY (account_id, customer_id) REFERENCES customers (account_id, id)
);
CREATE UNIQUE INDEX ledger_accounts_owner_key
    ON ledger_accounts (program_id, partner_id, customer_id, currency, kind) NULLS NOT DISTINCT;
CREATE INDEX ledger_accounts_partner_idx ON ledger_accounts (account_id, partner_id);
CREATE INDEX ledger_accounts_customer_idx ON ledger_accounts (account_id, customer_id);
CREATE INDEX ledger_accounts_program_idx ON ledger_accounts (account_id, program_id);
CREATE TRIGGER ledger_accounts_keep BEFORE UPDATE OR DELETE ON ledger_accounts
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_accounts_keep_all BEFORE TRUNCATE ON ledger_accounts EXECUTE FUNCTION refuse_change();

-- One row moves an amount between two accounts of one currency: every transfer balances by construction (M4).
CREATE TABLE ledger_transfers (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    debit uuid NOT NULL,
    credit uuid NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    reason text NOT NULL CHECK
        (reason IN ('EARNED', 'RELEASED', 'REVERSED_HELD', 'REVERSED', 'RESTORED_HELD', 'RESTORED', 'REJECTED', 'RESERVED',
            'UNRESERVED', 'PAID', 'RETURNED', 'REDEEMED', 'CORRECTED')),
    source uuid NOT NULL,
    at timestamptz NOT NULL,
    CHECK (debit <> credit),
    CONSTRAINT ledger_transfers_source_key UNIQUE (reason, source),
    FOREIGN KEY (account_id, debit, currency) REFERENCES ledger_accounts (account_id, id, currency),
    FOREIGN KEY (account_id, credit, currency) REFERENCES ledger_accounts (account_id, id, currency)
);
-- By time too: a statement reads what has happened since a month began.
CREATE INDEX ledger_transfers_debit_idx ON ledger_transfers (account_id, debit, at);
CREATE INDEX ledger_transfers_credit_idx ON ledger_transfers (account_id, credit, at);
CREATE TRIGGER ledger_transfers_keep BEFORE UPDATE OR DELETE ON ledger_transfers
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_transfers_keep_all BEFORE TRUNCATE ON ledger_transfers EXECUTE FUNCTION refuse_change();

-- The fold of the transfers of a partner or customer, kept in the transaction that posts them. Available may be negative:
-- debt.
CREATE TABLE balances (
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    partner_id uuid,
    customer_id uuid,
    -- Whichever of the two it is.
    owner_id uuid NOT NULL GENERATED ALWAYS AS (coalesce(partner_id, customer_id)) STORED,
    currency text NOT NULL,
    held bigint NOT NULL CHECK (held >= 0),
    available bigint NOT NULL,
    reserved bigint NOT NULL CHECK (reserved >= 0),
    paid bigint NOT NULL CHECK (paid >= 0),
    PRIMARY KEY (account_id, owner_id, currency),
    CONSTRAINT balances_one_owner CHECK (num_nonnulls(partner_id, customer_id) = 1),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, partner_id) REFERENCES partners (account_id, id),
    FOREIGN KEY (account_id, customer_id) REFERENCES customers (account_id, id)
);
CREATE INDEX balances_program_idx ON balances (account_id, program_id);
CREATE INDEX balances_partner_idx ON balances (account_id, partner_id);
CREATE INDEX balances_customer_idx ON balances (account_id, customer_id);

-- What was redeemed of what was available, named by the caller's key.
CREATE TABLE redemptions (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    partner_id uuid,
    customer_id uuid,
    key text NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    -- What it left available: a redemption makes no debt.
    available_after bigint NOT NULL CHECK (available_after >= 0),
    reason text NOT NULL,
    fingerprint bytea NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (account_id, id),
    CONSTRAINT redemptions_key_key UNIQUE (account_id, program_id, key),
    CONSTRAINT redemptions_one_owner CHECK (num_nonnulls(partner_id, customer_id) = 1),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, partner_id) REFERENCES partners (account_id, id),
    FOREIGN KEY (account_id, customer_id) REFERENCES customers (account_id, id)
);
CREATE INDEX redemptions_program_idx ON redemptions (account_id, program_id, id);
CREATE INDEX redemptions_partner_idx ON redemptions (account_id, partner_id, id);
CREATE INDEX redemptions_customer_idx ON redemptions (account_id, customer_id, id);
CREATE TRIGGER redemptions_keep BEFORE UPDATE OR DELETE ON redemptions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER redemptions_keep_all BEFORE TRUNCATE ON redemptions EXECUTE FUNCTION refuse_change();
