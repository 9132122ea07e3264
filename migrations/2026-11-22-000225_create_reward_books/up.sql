-- What the one ordered writer of each program knows: its own copies of what rewards depend on, changed by events in the order
-- of the feed and by nothing else, what it has evaluated, and what it has counted.
CREATE TABLE reward_partners (
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    partner_id uuid NOT NULL,
    status text NOT NULL,
    group_id uuid,
    tags text[] NOT NULL,
    upline_id uuid,
    PRIMARY KEY (account_id, partner_id),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, partner_id) REFERENCES partners (account_id, id),
    FOREIGN KEY (account_id, upline_id) REFERENCES partners (account_id, id)
);
CREATE INDEX reward_partners_program_idx ON reward_partners (account_id, program_id);
CREATE INDEX reward_partners_upline_idx ON reward_partners (account_id, upline_id);

CREATE TABLE reward_customers (
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    since timestamptz NOT NULL,
    country text,
    tags text[] NOT NULL,
    partner_id uuid,
    attributed_at timestamptz,
    -- Whether there is or was a partner.
    had_partner boolean NOT NULL,
    -- Whether the sign-up was evaluated with an attribution, and how many evaluations of it there were.
    is_signed_up boolean NOT NULL,
    awaits_confirmation boolean NOT NULL,
    evaluations integer NOT NULL,
    -- Whether a sale ever counted.
    has_paid boolean NOT NULL,
    -- How many sales count, and the first recorded of these.
    sales integer NOT NULL CHECK (sales >= 0),
    first_sale_id uuid,
    first_sale_at timestamptz,
    PRIMARY KEY (account_id, customer_id),
    CHECK ((partner_id IS NULL) = (attributed_at IS NULL)),
    CHECK (had_partner OR partner_id IS NULL),
    CHECK ((first_sale_id IS NULL) = (first_sale_at IS NULL)),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, customer_id) REFERENCES customers (account_id, id),
    FOREIGN KEY (account_id, partner_id) REFERENCES partners (account_id, id),
    FOREIGN KEY (account_id, first_sale_id) REFERENCES transactions (account_id, id)
) WITH (fillfactor = 80);
CREATE INDEX reward_customers_program_idx ON reward_customers (account_id, program_id);
CREATE INDEX reward_customers_partner_idx ON reward_customers (account_id, partner_id);
CREATE INDEX reward_customers_first_sale_idx ON reward_customers (account_id, first_sale_id);

-- What one evaluation of a sale or sign-up used and said: enough to make it again (V2). The one of the highest number stands.
CREATE TABLE evaluations (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    -- The sale, or the customer who signed up.
    source uuid NOT NULL,
    transaction_id uuid,
    customer_id uuid NOT NULL,
    number integer NOT NULL CHECK (number >= 1),
    -- Whose customer it was.
    partner_id uuid,
    position bigint NOT NULL,
    -- The local date of the event.
    day date NOT NULL,
    is_qualified boolean NOT NULL,
    facts jsonb NOT NULL,
    counters jsonb,
    terms_id uuid,
    at timestamptz NOT NULL,
    CONSTRAINT evaluations_source_key UNIQUE (source, number),
    CHECK (source = coalesce(transaction_id, customer_id)),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, transaction_id) REFERENCES transactions (account_id, id),
    FOREIGN KEY (account_id, customer_id) REFERENCES customers (account_id, id),
    FOREIGN KEY (account_id, partner_id) REFERENCES partners (account_id, id),
    FOREIGN KEY (account_id, terms_id) REFERENCES terms (account_id, id)
);
CREATE INDEX evaluations_transaction_idx ON evaluations (account_id, transaction_id, number);
CREATE INDEX evaluations_customer_idx ON evaluations (account_id, customer_id, position);
CREATE INDEX evaluations_partner_idx ON evaluations (account_id, partner_id, transaction_id);
CREATE INDEX evaluations_program_idx ON evaluations (account_id, program_id, position);
CREATE INDEX evaluations_terms_idx ON evaluations (account_id, terms_id);
CREATE TRIGGER evaluations_keep BEFORE UPDATE OR DELETE ON evaluations
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evaluations_keep_all BEFORE TRUNCATE ON evaluations EXECUTE FUNCTION refuse_change();

CREATE TABLE non_rewards (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    -- The sale, or the customer who signed up, and which of its evaluations.
    source uuid NOT NULL,
    transaction_id uuid,
    customer_id uuid NOT NULL,
    evaluation integer NOT NULL CHECK (evaluation >= 1),
    partner_id uuid,
    reason text NOT NULL,
    trace jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    -- When another evaluation took its place.
    superseded_at timestamptz,
    CONSTRAINT non_rewards_once_key UNIQUE (source, evaluation),
    CHECK (source = coalesce(transaction_id, customer_id)),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, transaction_id) REFERENCES transactions (account_id, id),
    FOREIGN KEY (account_id, customer_id) REFERENCES customers (account_id, id),
    FOREIGN KEY (account_id, partner_id) REFERENCES partners (account_id, id)
);
CREATE INDEX non_rewards_program_idx ON non_rewards (account_id, program_id, id);
CREATE INDEX non_rewards_transaction_idx ON non_rewards (account_id, transaction_id);
CREATE INDEX non_rewards_customer_idx ON non_rewards (account_id, customer_id);
CREATE INDEX non_rewards_partner_idx ON non_rewards (account_id, partner_id);
-- Sales that wait for a rate.
CREATE INDEX non_rewards_unrated_idx ON non_rewards (account_id, program_id) WHERE reason = 'RATE_MISSING' AND superseded_at IS NULL;
CREATE TRIGGER non_rewards_keep BEFORE DELETE ON non_rewards FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER non_rewards_freeze BEFORE UPDATE ON non_rewards FOR EACH ROW
    WHEN (to_jsonb(NEW) - 'superseded_at' IS DISTINCT FROM to_jsonb(OLD) - 'superseded_at' OR OLD.superseded_at IS NOT NULL)
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER non_rewards_keep_all BEFORE TRUNCATE ON non_rewards EXECUTE FUNCTION refuse_change();

-- What a partner brought in a period, of what is qualified. Revenue is an exact fraction n/d of minor units of the program's
-- currency.
CREATE TABLE reward_tallies (
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    partner_id uuid NOT NULL,
    period text NOT NULL CHECK (period IN ('ALL', 'DAY', 'WEEK', 'MONTH', 'YEAR')),
    start date NOT NULL,
    signups bigint NOT NULL,
    sales bigint NOT NULL,
    customers bigint NOT NULL,
    revenue text NOT NULL,
    PRIMARY KEY (account_id, partner_id, period, start),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, partner_id) REFERENCES partners (account_id, id)
) WITH (fillfactor = 80);
CREATE INDEX reward_tallies_program_idx ON reward_tallies (account_id, program_id);

-- How many sales of a customer, of which something is left, count for a partner in a period.
CREATE TABLE reward_live_sales (
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    partner_id uuid NOT NULL,
    period text NOT NULL CHECK (period IN ('ALL', 'DAY', 'WEEK', 'MONTH', 'YEAR')),
    start date NOT NULL,
    sales bigint NOT NULL,
    PRIMARY KEY (account_id, customer_id, partner_id, period, start),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, customer_id) REFERENCES customers (account_id, id),
    FOREIGN KEY (account_id, partner_id) REFERENCES partners (account_id, id)
) WITH (fillfactor = 80);
CREATE INDEX reward_live_sales_program_idx ON reward_live_sales (account_id, program_id);
CREATE INDEX reward_live_sales_partner_idx ON reward_live_sales (account_id, partner_id);

-- The present net of a rule's rewards to one beneficiary: for one customer, or in one period.
CREATE TABLE reward_spending (
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    rule text NOT NULL,
    -- The partner or the customer.
    beneficiary uuid NOT NULL,
    -- The customer; or for all customers of a period the nil id.
    customer uuid NOT NULL,
    -- For one customer ALL, from the year 1.
    period text NOT NULL CHECK (period IN ('ALL', 'DAY', 'WEEK', 'MONTH', 'YEAR')),
    start date NOT NULL,
    currency text NOT NULL,
    net bigint NOT NULL,
    PRIMARY KEY (account_id, program_id, rule, beneficiary, customer, period, start, currency),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id)
) WITH (fillfactor = 80);
