CREATE TABLE terms (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    -- An override: terms of a group, or of one partner. At most one of the two.
    group_id uuid,
    partner_id uuid,
    number integer NOT NULL CHECK (number > 0),
    rules jsonb NOT NULL,
    hold_days integer NOT NULL CHECK (hold_days BETWEEN 0 AND 3650),
    rounding text NOT NULL CHECK (rounding IN ('HALF_EVEN', 'HALF_UP', 'UP', 'DOWN')),
    self_referral text NOT NULL CHECK (self_referral IN ('REJECT', 'REVIEW', 'ALLOW')),
    rate_max_age_days integer CHECK (rate_max_age_days >= 0),
    reward_currency text NOT NULL CHECK (reward_currency IN ('PROGRAM', 'SALE')),
    duplicate_sale_minutes integer CHECK (duplicate_sale_minutes BETWEEN 1 AND 43200),
    existing_customer_review boolean NOT NULL,
    referred_while_suspended boolean NOT NULL,
    effective_from timestamptz,
    published_at timestamptz,
    published_by text,
    content_hash bytea,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (account_id, id),
    CONSTRAINT terms_number_key UNIQUE (program_id, number),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    CONSTRAINT terms_group_fkey FOREIGN KEY (account_id, program_id, group_id)
        REFERENCES groups (account_id, program_id, id),
    CONSTRAINT terms_partner_fkey FOREIGN KEY (account_id, program_id, partner_id)
        REFERENCES partners (account_id, program_id, id),
    CHECK (group_id IS NULL OR partner_id IS NULL),
    CHECK ((published_at IS NULL) = (effective_from IS NULL)),
    CHECK ((published_at IS NULL) = (content_hash IS NULL)),
    CHECK ((published_at IS NULL) = (published_by IS NULL))
);
CREATE INDEX terms_program_idx ON terms (account_id, program_id, number);
CREATE INDEX terms_group_idx ON terms (account_id, group_id) WHERE group_id IS NOT NULL;
CREATE INDEX terms_partner_idx ON terms (account_id, partner_id) WHERE partner_id IS NOT NULL;
CREATE UNIQUE INDEX terms_one_draft_key ON terms (program_id, group_id, partner_id) NULLS NOT DISTINCT
    WHERE published_at IS NULL;
-- M9: published terms never change.
CREATE TRIGGER terms_freeze BEFORE UPDATE OR DELETE ON terms FOR EACH ROW
    WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION refuse_change();
