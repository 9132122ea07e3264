-- Figures by day, which dashboards read instead of scanning. A verb appends deltas in its own transaction, and stats.fold
-- adds them up into the rollups: a counter that every sale changed would be one row that all of them wait for. A figure is
-- its rollup and the deltas that are not folded yet, read in one statement.
CREATE TABLE stat_deltas (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    -- Null: figures of the program as a whole.
    partner_id uuid,
    -- The local date, and the instant at which the local hour begins, in the program's calendar.
    day date NOT NULL,
    hour timestamptz,
    -- Of the amounts, in minor units; of what has none, the program's.
    currency text NOT NULL,
    applications bigint NOT NULL,
    partners bigint NOT NULL,
    signups bigint NOT NULL,
    paying_customers bigint NOT NULL,
    sales bigint NOT NULL,
    revenue bigint NOT NULL,
    rewards bigint NOT NULL,
    CONSTRAINT stat_deltas_hours_of_programs CHECK ((partner_id IS NULL) = (hour IS NOT NULL)),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, partner_id) REFERENCES partners (account_id, id)
) WITH (
    -- Small, and all churn: as the ledger of jobs.
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0
);
CREATE INDEX stat_deltas_program_idx ON stat_deltas (account_id, program_id, day);
CREATE INDEX stat_deltas_partner_idx ON stat_deltas (account_id, partner_id, day);

-- Amounts are numeric: a sum never overflows, or the fold of everybody would stop at one account's figures.
CREATE TABLE program_days (
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    day date NOT NULL,
    currency text NOT NULL,
    applications bigint NOT NULL,
    partners bigint NOT NULL,
    signups bigint NOT NULL,
    paying_customers bigint NOT NULL,
    sales bigint NOT NULL,
    revenue numeric NOT NULL,
    rewards numeric NOT NULL,
    PRIMARY KEY (account_id, program_id, day, currency),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id)
) WITH (fillfactor = 80);

CREATE TABLE program_hours (
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    hour timestamptz NOT NULL,
    currency text NOT NULL,
    applications bigint NOT NULL,
    partners bigint NOT NULL,
    signups bigint NOT NULL,
    paying_customers bigint NOT NULL,
    sales bigint NOT NULL,
    revenue numeric NOT NULL,
    rewards numeric NOT NULL,
    PRIMARY KEY (account_id, program_id, hour, currency),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id)
) WITH (fillfactor = 80);

CREATE TABLE partner_days (
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    partner_id uuid NOT NULL,
    day date NOT NULL,
    currency text NOT NULL,
    signups bigint NOT NULL,
    paying_customers bigint NOT NULL,
    sales bigint NOT NULL,
    revenue numeric NOT NULL,
    rewards numeric NOT NULL,
    PRIMARY KEY (account_id, partner_id, day, currency),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, partner_id) REFERENCES partners (account_id, id)
) WITH (fillfactor = 80);
CREATE INDEX partner_days_program_idx ON partner_days (account_id, program_id, day);
