-- What became of a sale after it was recorded. An adjustment names its sale by the sale's key, and may arrive before it; the
-- program's writer of rewards joins the two, or says why it cannot be counted. Amounts are minor units of the currency.
CREATE TABLE adjustments (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    -- Unknown only of a won dispute that arrived before its chargeback.
    transaction_key text CHECK (char_length(transaction_key) BETWEEN 1 AND 255),
    -- Null until the program's writer has joined it to its sale.
    transaction_id uuid,
    kind text NOT NULL CHECK (kind IN ('REFUND', 'CHARGEBACK', 'CHARGEBACK_WON', 'VOID')),
    key text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 255),
    -- Null where no amount was said, and no sale was there to tell it.
    currency text,
    amount bigint CHECK (amount > 0),
    basis text NOT NULL CHECK (basis IN ('GROSS', 'NET')),
    -- [{ line, amount }]: net minor units of lines, numbered from 0; they beat the amount.
    lines jsonb,
    chargeback_key text CHECK (char_length(chargeback_key) BETWEEN 1 AND 255),
    -- Where the program's writer took it from the feed; null until then.
    position bigint,
    refused text CHECK (refused IN ('OTHER_CURRENCY', 'UNKNOWN_LINE')),
    occurred_at timestamptz NOT NULL,
    fingerprint bytea NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (account_id, id),
    CONSTRAINT adjustments_key_key UNIQUE (program_id, key),
    CHECK ((kind = 'REFUND') = (amount IS NOT NULL OR lines IS NOT NULL)),
    CHECK (currency IS NOT NULL OR (amount IS NULL AND lines IS NULL)),
    CHECK ((kind = 'CHARGEBACK_WON') = (chargeback_key IS NOT NULL)),
    CHECK (transaction_key IS NOT NULL OR kind = 'CHARGEBACK_WON'),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, transaction_id) REFERENCES transactions (account_id, id)
);
CREATE INDEX adjustments_program_idx ON adjustments (account_id, program_id, id);
CREATE INDEX adjustments_transaction_idx ON adjustments (account_id, transaction_id);
CREATE INDEX adjustments_sale_idx ON adjustments (program_id, transaction_key);
CREATE INDEX adjustments_chargeback_idx ON adjustments (program_id, chargeback_key) WHERE chargeback_key IS NOT NULL;
-- What waits for its sale, and what a person has to look at.
CREATE INDEX adjustments_waiting_idx ON adjustments (account_id, program_id, created_at)
    WHERE transaction_id IS NULL AND refused IS NULL;
CREATE INDEX adjustments_refused_idx ON adjustments (account_id, program_id, created_at) WHERE refused IS NOT NULL;
CREATE TRIGGER adjustments_keep BEFORE DELETE ON adjustments FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER adjustments_freeze BEFORE UPDATE ON adjustments FOR EACH ROW
    WHEN ((NEW.id, NEW.account_id, NEW.program_id, NEW.transaction_key, NEW.kind, NEW.key, NEW.currency, NEW.amount, NEW.basis,
           NEW.lines, NEW.chargeback_key, NEW.occurred_at, NEW.fingerprint, NEW.created_at)
          IS DISTINCT FROM
          (OLD.id, OLD.account_id, OLD.program_id, OLD.transaction_key, OLD.kind, OLD.key, OLD.currency, OLD.amount, OLD.basis,
           OLD.lines, OLD.chargeback_key, OLD.occurred_at, OLD.fingerprint, OLD.created_at)
          OR (OLD.transaction_id IS NOT NULL AND NEW.transaction_id IS DISTINCT FROM OLD.transaction_id)
          OR (OLD.refused IS NOT NULL AND NEW.refused IS DISTINCT FROM OLD.refused))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER adjustments_keep_all BEFORE TRUNCATE ON adjustments EXECUTE FUNCTION refuse_change();
