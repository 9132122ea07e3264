-- Where the one ordered writer of each program stands in the feed. Locked for update by every run of it.
CREATE TABLE reward_cursors (
    program_id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    position bigint NOT NULL,
    latest_event_at timestamptz,
    -- The fact that cannot be computed, why, and since when: nothing behind it is computed until a person has retried.
    stopped_position bigint,
    stopped_why text,
    stopped_at timestamptz,
    CONSTRAINT reward_cursors_stopped_whole CHECK (
        (stopped_position IS NULL) = (stopped_at IS NULL) AND (stopped_why IS NULL) = (stopped_at IS NULL)
    ),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id)
);
CREATE INDEX reward_cursors_account_idx ON reward_cursors (account_id, program_id);
CREATE INDEX reward_cursors_stopped_idx ON reward_cursors (account_id, stopped_at) WHERE stopped_at IS NOT NULL;

-- The writer's own copies of what it depends on, changed by events in the order of the feed and by nothing else.
CREATE TABLE reward_partners (
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    partner_id uuid NOT NULL,
    status text NOT NULL,
    PRIMARY KEY (account_id, partner_id),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, partner_id) REFERENCES partners (account_id, id)
);
CREATE INDEX reward_partners_program_idx ON reward_partners (account_id, program_id);

CREATE TABLE reward_customers (
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    partner_id uuid NOT NULL,
    attributed_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, customer_id),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, customer_id) REFERENCES customers (account_id, id),
    FOREIGN KEY (account_id, partner_id) REFERENCES partners (account_id, id)
);
CREATE INDEX reward_customers_program_idx ON reward_customers (account_id, program_id);
CREATE INDEX reward_customers_partner_idx ON reward_customers (account_id, partner_id);

-- What one evaluation used and said: enough to evaluate it again (V2). One per sale.
CREATE TABLE evaluations (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    transaction_id uuid NOT NULL,
    -- Whose customer the buyer was.
    partner_id uuid,
    position bigint NOT NULL,
    facts jsonb NOT NULL,
    terms_id uuid,
    at timestamptz NOT NULL,
    CONSTRAINT evaluations_transaction_key UNIQUE (account_id, transaction_id),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, transaction_id) REFERENCES transactions (account_id, id),
    FOREIGN KEY (account_id, partner_id) REFERENCES partners (account_id, id),
    FOREIGN KEY (account_id, terms_id) REFERENCES terms (account_id, id)
);
CREATE INDEX evaluations_partner_idx ON evaluations (account_id, partner_id, transaction_id);
CREATE INDEX evaluations_program_idx ON evaluations (account_id, program_id, position);
CREATE INDEX evaluations_terms_idx ON evaluations (account_id, terms_id);
CREATE TRIGGER evaluations_keep BEFORE UPDATE OR DELETE ON evaluations
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evaluations_keep_all BEFORE TRUNCATE ON evaluations EXECUTE FUNCTION refuse_change();

CREATE TABLE rewards (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    partner_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    transaction_id uuid NOT NULL,
    terms_id uuid NOT NULL,
    rule text NOT NULL,
    level integer NOT NULL CHECK (level BETWEEN 0 AND 5),
    currency text NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    rounding text NOT NULL,
    trace jsonb NOT NULL,
    status text NOT NULL CHECK
        (status IN ('PENDING_REVIEW', 'HELD', 'AVAILABLE', 'RESERVED', 'PAID', 'REJECTED', 'REVERSED')),
    hold_until timestamptz NOT NULL,
    released_at timestamptz,
    event_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (account_id, id),
    -- I3: at most one reward per source, rule, beneficiary and level.
    CONSTRAINT rewards_once_key UNIQUE (transaction_id, rule, partner_id, level),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, partner_id) REFERENCES partners (account_id, id),
    FOREIGN KEY (account_id, customer_id) REFERENCES customers (account_id, id),
    FOREIGN KEY (account_id, transaction_id) REFERENCES transactions (account_id, id),
    FOREIGN KEY (account_id, terms_id) REFERENCES terms (account_id, id)
);
CREATE INDEX rewards_program_idx ON rewards (account_id, program_id, id);
CREATE INDEX rewards_partner_idx ON rewards (account_id, partner_id, id);
CREATE INDEX rewards_customer_idx ON rewards (account_id, customer_id);
CREATE INDEX rewards_transaction_idx ON rewards (account_id, transaction_id);
CREATE INDEX rewards_terms_idx ON rewards (account_id, terms_id);
-- What waits for a decision, and what it comes to.
CREATE INDEX rewards_review_idx ON rewards (account_id, program_id, created_at) INCLUDE (currency, amount)
    WHERE status = 'PENDING_REVIEW';
CREATE INDEX rewards_due_idx ON rewards (hold_until, id) WHERE status = 'HELD';
-- M9: what a reward is never changes, only where it stands; and it never vanishes.
CREATE TRIGGER rewards_keep BEFORE DELETE ON rewards FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rewards_freeze BEFORE UPDATE ON rewards FOR EACH ROW
    WHEN ((NEW.id, NEW.account_id, NEW.program_id, NEW.partner_id, NEW.customer_id, NEW.transaction_id, NEW.terms_id, NEW.rule,
           NEW.level, NEW.currency, NEW.amount, NEW.rounding, NEW.trace, NEW.hold_until, NEW.event_at, NEW.created_at)
          IS DISTINCT FROM
          (OLD.id, OLD.account_id, OLD.program_id, OLD.partner_id, OLD.customer_id, OLD.transaction_id, OLD.terms_id, OLD.rule,
           OLD.level, OLD.currency, OLD.amount, OLD.rounding, OLD.trace, OLD.hold_until, OLD.event_at, OLD.created_at))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rewards_keep_all BEFORE TRUNCATE ON rewards EXECUTE FUNCTION refuse_change();

CREATE TABLE non_rewards (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    transaction_id uuid NOT NULL,
    partner_id uuid,
    reason text NOT NULL,
    trace jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT non_rewards_once_key UNIQUE (account_id, transaction_id),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, transaction_id) REFERENCES transactions (account_id, id),
    FOREIGN KEY (account_id, partner_id) REFERENCES partners (account_id, id)
);
CREATE INDEX non_rewards_program_idx ON non_rewards (account_id, program_id, id);
CREATE INDEX non_rewards_partner_idx ON non_rewards (account_id, partner_id);
CREATE TRIGGER non_rewards_keep BEFORE UPDATE OR DELETE ON non_rewards
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER non_rewards_keep_all BEFORE TRUNCATE ON non_rewards EXECUTE FUNCTION refuse_change();
