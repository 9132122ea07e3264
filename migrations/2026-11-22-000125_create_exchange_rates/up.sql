-- How many major units of `to_currency` are given for one of `from_currency`, from `at` on. What was stored stays: another
-- rate of the same time stands beside it, and of two the one stored later counts.
CREATE TABLE exchange_rates (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id),
    from_currency text NOT NULL,
    to_currency text NOT NULL,
    rate numeric NOT NULL CHECK (rate > 0),
    at timestamptz NOT NULL,
    source text NOT NULL CHECK (char_length(source) BETWEEN 1 AND 200),
    stored_at timestamptz NOT NULL,
    -- The order of storing: the rates of an account are stored one act after another.
    seq bigint GENERATED ALWAYS AS IDENTITY,
    UNIQUE (account_id, id),
    CHECK (from_currency <> to_currency)
);
CREATE INDEX exchange_rates_latest_idx
    ON exchange_rates (account_id, from_currency, to_currency, at DESC, seq DESC);
CREATE INDEX exchange_rates_time_idx ON exchange_rates (account_id, at, id);
CREATE TRIGGER exchange_rates_keep BEFORE UPDATE OR DELETE ON exchange_rates
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exchange_rates_keep_all BEFORE TRUNCATE ON exchange_rates EXECUTE FUNCTION refuse_change();
