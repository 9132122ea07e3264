-- What terms would have paid over recorded history, beside what was really earned. No ledger, no event and no reward knows of it.
CREATE TABLE simulations (
    operation_id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    -- No foreign key: a draft that was tried may be deleted.
    terms_id uuid NOT NULL,
    -- The version as it stood when it was asked.
    terms jsonb NOT NULL,
    -- Local dates of the program, the last excluded.
    from_day date NOT NULL,
    to_day date NOT NULL CHECK (to_day > from_day),
    failure text CHECK (failure IN ('TOO_MANY_ROWS', 'UNCOMPUTABLE')),
    UNIQUE (account_id, operation_id),
    FOREIGN KEY (account_id, operation_id) REFERENCES operations (account_id, id),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id)
);
CREATE INDEX simulations_program_idx ON simulations (account_id, program_id);

-- One row per beneficiary, product, month and currency, written at the end and never changed.
CREATE TABLE simulation_rows (
    operation_id uuid NOT NULL,
    number integer NOT NULL,
    account_id uuid NOT NULL,
    partner_id uuid,
    customer_id uuid,
    product_id text,
    -- The first day of the program's local month.
    month date NOT NULL,
    currency text NOT NULL,
    simulated bigint NOT NULL,
    earned bigint NOT NULL,
    PRIMARY KEY (operation_id, number),
    CHECK (num_nonnulls(partner_id, customer_id) = 1),
    FOREIGN KEY (account_id, operation_id) REFERENCES simulations (account_id, operation_id),
    FOREIGN KEY (account_id, partner_id) REFERENCES partners (account_id, id),
    FOREIGN KEY (account_id, customer_id) REFERENCES customers (account_id, id)
);
CREATE INDEX simulation_rows_operation_idx ON simulation_rows (account_id, operation_id);
CREATE INDEX simulation_rows_partner_idx ON simulation_rows (account_id, partner_id);
CREATE INDEX simulation_rows_customer_idx ON simulation_rows (account_id, customer_id);
