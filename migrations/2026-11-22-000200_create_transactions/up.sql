-- Amounts are minor units of the currency. The fingerprint is what was said: the same key with another one is a conflict.
CREATE TABLE transactions (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    key text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 255),
    currency text NOT NULL,
    gross bigint NOT NULL CHECK (gross >= 0),
    discount bigint NOT NULL CHECK (discount >= 0),
    tax bigint NOT NULL CHECK (tax >= 0),
    net bigint NOT NULL,
    coupon_code text,
    rewardable boolean NOT NULL,
    occurred_at timestamptz NOT NULL,
    fingerprint bytea NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (account_id, id),
    CONSTRAINT transactions_key_key UNIQUE (program_id, key),
    CHECK (net = gross - discount - tax),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, customer_id) REFERENCES customers (account_id, id)
);
CREATE INDEX transactions_program_idx ON transactions (account_id, program_id, id);
CREATE INDEX transactions_customer_idx ON transactions (account_id, customer_id, id);

CREATE TABLE transaction_items (
    account_id uuid NOT NULL,
    transaction_id uuid NOT NULL,
    line integer NOT NULL CHECK (line >= 0),
    product_id text,
    product_type text,
    quantity integer NOT NULL CHECK (quantity > 0),
    amount bigint NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (account_id, transaction_id, line),
    FOREIGN KEY (account_id, transaction_id) REFERENCES transactions (account_id, id)
);
CREATE TRIGGER transactions_keep BEFORE UPDATE OR DELETE ON transactions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transactions_keep_all BEFORE TRUNCATE ON transactions EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transaction_items_keep BEFORE UPDATE OR DELETE ON transaction_items
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transaction_items_keep_all BEFORE TRUNCATE ON transaction_items EXECUTE FUNCTION refuse_change();
