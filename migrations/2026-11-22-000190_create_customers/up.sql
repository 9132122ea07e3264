CREATE TABLE customers (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    key text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 255),
    email text CHECK (char_length(email) BETWEEN 3 AND 254),
    name text CHECK (char_length(name) <= 200),
    country text,
    tags text[] NOT NULL,
    status text NOT NULL CHECK (status IN ('LEAD', 'ACTIVE', 'CHURNED', 'ARCHIVED')),
    signed_up_at timestamptz NOT NULL,
    -- Since when it counts as a sign-up: null while a newsletter's subscriber has not confirmed.
    confirmed_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (account_id, id),
    CONSTRAINT customers_program_key UNIQUE (account_id, program_id, id),
    CONSTRAINT customers_key_key UNIQUE (program_id, key),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id)
);

-- The customer who is this partner: in refer-a-friend customers are the referrers.
ALTER TABLE partners
    ADD COLUMN customer_id uuid,
    ADD CONSTRAINT partners_customer_key UNIQUE (account_id, customer_id),
    ADD CONSTRAINT partners_customer_fkey FOREIGN KEY (account_id, program_id, customer_id)
        REFERENCES customers (account_id, program_id, id);

CREATE TABLE attributions (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    partner_id uuid NOT NULL,
    link_id uuid,
    source text NOT NULL CHECK (source IN ('LINK', 'API', 'MANUAL')),
    status text NOT NULL CHECK (status IN ('ACTIVE', 'REASSIGNED', 'REVOKED')),
    at timestamptz NOT NULL,
    -- Since when the partner's figures count the sign-up: null before it is confirmed, and where another's count it.
    counted_at timestamptz,
    created_at timestamptz NOT NULL,
    UNIQUE (account_id, id),
    CHECK ((source = 'LINK') = (link_id IS NOT NULL)),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, customer_id) REFERENCES customers (account_id, id),
    FOREIGN KEY (account_id, partner_id) REFERENCES partners (account_id, id),
    FOREIGN KEY (account_id, link_id) REFERENCES links (account_id, id)
);
-- A customer has at most one active attribution in its program.
CREATE UNIQUE INDEX attributions_one_active_key ON attributions (customer_id) WHERE status = 'ACTIVE';
-- And its sign-up counts for at most one partner.
CREATE UNIQUE INDEX attributions_one_counted_key ON attributions (customer_id) WHERE counted_at IS NOT NULL;
CREATE INDEX attributions_customer_idx ON attributions (account_id, customer_id, id);
CREATE INDEX attributions_partner_idx ON attributions (account_id, partner_id, id);
CREATE INDEX attributions_link_idx ON attributions (account_id, link_id);
CREATE INDEX attributions_program_idx ON attributions (account_id, program_id);
