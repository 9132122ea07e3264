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
    -- The present net of all rewards in the program's currency: what its budget has left follows from it.
    budget_spent bigint NOT NULL DEFAULT 0,
    -- What is counted of the history so far: the periods of metrics, and the caps of rules.
    tracked jsonb,
    CONSTRAINT reward_cursors_stopped_whole CHECK (
        (stopped_position IS NULL) = (stopped_at IS NULL) AND (stopped_why IS NULL) = (stopped_at IS NULL)
    ),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id)
);
CREATE INDEX reward_cursors_account_idx ON reward_cursors (account_id, program_id);
CREATE INDEX reward_cursors_stopped_idx ON reward_cursors (account_id, stopped_at) WHERE stopped_at IS NOT NULL;

CREATE TABLE rewards (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    -- Who gets it: a partner or a customer.
    partner_id uuid,
    beneficiary_customer_id uuid,
    -- Whose event it was, and which.
    customer_id uuid,
    transaction_id uuid,
    trigger text NOT NULL CHECK (trigger IN ('SALE', 'SIGNUP', 'MILESTONE', 'MANUAL')),
    source uuid NOT NULL,
    terms_id uuid,
    rule text,
    level integer NOT NULL CHECK (level BETWEEN 0 AND 5),
    step numeric CHECK (step >= 0),
    evaluation integer NOT NULL CHECK (evaluation >= 1),
    currency text NOT NULL,
    amount bigint NOT NULL,
    -- What is left of the amount; nothing of a rejected reward.
    net bigint NOT NULL,
    rounding text NOT NULL,
    whole_reversal boolean NOT NULL,
    lines jsonb,
    of_reward boolean NOT NULL,
    trace jsonb NOT NULL,
    status text NOT NULL CHECK
        (status IN ('PENDING_REVIEW', 'HELD', 'AVAILABLE', 'RESERVED', 'PAID', 'REJECTED', 'REVERSED')),
    -- Whether a person has yet to decide: what is reversed meanwhile and restored waits again.
    under_review boolean NOT NULL,
    hold_until timestamptz NOT NULL,
    released_at timestamptz,
    -- What was left of it then: what a payout pays for it. What changed since is an item of its own.
    released_net bigint,
    event_at timestamptz NOT NULL,
    reason text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (account_id, id),
    -- I3: at most one reward per source, rule, beneficiary, level, step and evaluation.
    CONSTRAINT rewards_once_key UNIQUE NULLS NOT DISTINCT
        (source, rule, partner_id, beneficiary_customer_id, level, step, evaluation),
    CONSTRAINT rewards_one_beneficiary CHECK (num_nonnulls(partner_id, beneficiary_customer_id) = 1),
    -- A correction downward is a manual reward below zero.
    CONSTRAINT rewards_amount_check CHECK (amount > 0 OR (amount < 0 AND trigger = 'MANUAL')),
    CONSTRAINT rewards_net_check CHECK (
        CASE WHEN status IN ('REJECTED', 'REVERSED') THEN net = 0
            WHEN trigger = 'MANUAL' THEN net = amount
            ELSE net BETWEEN 0 AND amount END),
    CONSTRAINT rewards_released_whole CHECK ((released_at IS NULL) = (released_net IS NULL)),
    CONSTRAINT rewards_review_check CHECK (
        CASE status WHEN 'PENDING_REVIEW' THEN under_review WHEN 'REVERSED' THEN true ELSE NOT under_review END),
    CONSTRAINT rewards_by_terms_or_by_hand CHECK (
        (trigger = 'MANUAL') = (terms_id IS NULL) AND (trigger = 'MANUAL') = (rule IS NULL)
        AND (trigger = 'MANUAL') = (reason IS NOT NULL) AND (trigger = 'MILESTONE') = (step IS NOT NULL)),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, partner_id) REFERENCES partners (account_id, id),
    FOREIGN KEY (account_id, beneficiary_customer_id) REFERENCES customers (account_id, id),
    FOREIGN KEY (account_id, customer_id) REFERENCES customers (account_id, id),
    FOREIGN KEY (account_id, transaction_id) REFERENCES transactions (account_id, id),
    FOREIGN KEY (account_id, terms_id) REFERENCES terms (account_id, id)
);
-- I3: a step of a milestone is paid once, until it is undone.
CREATE UNIQUE INDEX rewards_milestone_key ON rewards (rule, partner_id, step)
    WHERE trigger = 'MILESTONE' AND (net <> 0 OR status = 'REJECTED');
CREATE INDEX rewards_program_idx ON rewards (account_id, program_id, id);
CREATE INDEX rewards_partner_idx ON rewards (account_id, partner_id, id);
CREATE INDEX rewards_beneficiary_customer_idx ON rewards (account_id, beneficiary_customer_id, id);
CREATE INDEX rewards_customer_idx ON rewards (account_id, customer_id);
CREATE INDEX rewards_transaction_idx ON rewards (account_id, transaction_id);
CREATE INDEX rewards_terms_idx ON rewards (account_id, terms_id);
-- What waits for a decision, and what it comes to.
CREATE INDEX rewards_review_idx ON rewards (account_id, program_id, created_at) INCLUDE (currency, net)
    WHERE status = 'PENDING_REVIEW';
-- What is reversed while it is held is released with the rest: what comes back later is available.
CREATE INDEX rewards_due_idx ON rewards (hold_until, id)
    WHERE status IN ('HELD', 'REVERSED') AND released_at IS NULL AND NOT under_review;
-- What a payout may take.
CREATE INDEX rewards_open_idx ON rewards (account_id, program_id, currency, partner_id)
    WHERE status IN ('AVAILABLE', 'REVERSED') AND released_at IS NOT NULL AND partner_id IS NOT NULL;
-- M9: what a reward is never changes, only where it stands and what is left of it; and it never vanishes.
CREATE TRIGGER rewards_keep BEFORE DELETE ON rewards FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rewards_freeze BEFORE UPDATE ON rewards FOR EACH ROW
    WHEN ((NEW.id, NEW.account_id, NEW.program_id, NEW.partner_id, NEW.beneficiary_customer_id, NEW.customer_id,
           NEW.transaction_id, NEW.trigger, NEW.source, NEW.terms_id, NEW.rule, NEW.level, NEW.step, NEW.evaluation,
           NEW.currency, NEW.amount, NEW.rounding, NEW.whole_reversal, NEW.lines, NEW.of_reward, NEW.trace, NEW.hold_until,
           NEW.event_at, NEW.reason, NEW.created_at)
          IS DISTINCT FROM
          (OLD.id, OLD.account_id, OLD.program_id, OLD.partner_id, OLD.beneficiary_customer_id, OLD.customer_id,
           OLD.transaction_id, OLD.trigger, OLD.source, OLD.terms_id, OLD.rule, OLD.level, OLD.step, OLD.evaluation,
           OLD.currency, OLD.amount, OLD.rounding, OLD.whole_reversal, OLD.lines, OLD.of_reward, OLD.trace, OLD.hold_until,
           OLD.event_at, OLD.reason, OLD.created_at))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rewards_keep_all BEFORE TRUNCATE ON rewards EXECUTE FUNCTION refuse_change();

-- A change of what is left of a reward, and why. Rows alone say it: the reward's net is its amount less these.
CREATE TABLE reversals (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    reward_id uuid NOT NULL,
    -- The reward's, for whoever gathers what a payout takes.
    partner_id uuid,
    adjustment_id uuid,
    kind text NOT NULL CHECK (kind IN ('REVERSAL', 'RESTORATION')),
    amount bigint NOT NULL CHECK (amount > 0),
    cause text NOT NULL CHECK (cause IN ('REFUND', 'CHARGEBACK', 'CHARGEBACK_WON', 'VOID', 'MILESTONE', 'REASSIGNED')),
    after_release boolean NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (account_id, id),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, reward_id) REFERENCES rewards (account_id, id)
);
CREATE INDEX reversals_reward_idx ON reversals (account_id, reward_id, id);
CREATE INDEX reversals_program_idx ON reversals (account_id, program_id, id);
-- What a payout takes besides rewards.
CREATE INDEX reversals_after_release_idx ON reversals (account_id, partner_id) WHERE after_release;
CREATE INDEX reversals_adjustment_idx ON reversals (account_id, adjustment_id);
CREATE TRIGGER reversals_keep BEFORE UPDATE OR DELETE ON reversals
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reversals_keep_all BEFORE TRUNCATE ON reversals EXECUTE FUNCTION refuse_change();
