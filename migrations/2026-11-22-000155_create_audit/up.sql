CREATE TABLE audit_entries (
    id uuid PRIMARY KEY,
    -- None for what an operator does to the instance itself.
    account_id uuid REFERENCES accounts (id),
    actor text NOT NULL,
    action text NOT NULL,
    target text NOT NULL,
    before jsonb,
    after jsonb,
    request_id text,
    client_address text,
    at timestamptz NOT NULL
);
CREATE INDEX audit_entries_account_idx ON audit_entries (account_id, id);
CREATE INDEX audit_entries_target_idx ON audit_entries (account_id, target, id);
CREATE TRIGGER audit_entries_keep BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entries_keep_all BEFORE TRUNCATE ON audit_entries EXECUTE FUNCTION refuse_change();

-- What a caller said with an idempotency key, and the object that it made.
CREATE TABLE idempotency_keys (
    account_id uuid NOT NULL REFERENCES accounts (id),
    mutation text NOT NULL,
    key text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 255),
    fingerprint bytea NOT NULL,
    object text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, mutation, key)
);
