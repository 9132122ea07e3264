CREATE TABLE programs (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id),
    kind text NOT NULL CHECK (kind IN ('AFFILIATE', 'REFERRAL', 'NEWSLETTER')),
    status text NOT NULL CHECK (status IN ('DRAFT', 'ACTIVE', 'PAUSED', 'ARCHIVED')),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    slug text NOT NULL,
    website text,
    currency text NOT NULL,
    time_zone text NOT NULL,
    grandfathering text NOT NULL CHECK (grandfathering IN ('KEEP', 'FOLLOW')),
    link_parameter text NOT NULL,
    link_style text NOT NULL CHECK (link_style IN ('QUERY', 'PATH')),
    attribution_model text NOT NULL CHECK (attribution_model IN ('FIRST_CLICK', 'LAST_CLICK')),
    attribution_window_days integer NOT NULL CHECK (attribution_window_days BETWEEN 1 AND 3650),
    auto_approve boolean NOT NULL,
    late_sale_days integer NOT NULL CHECK (late_sale_days BETWEEN 0 AND 3650),
    -- The most that its money rewards may come to, in minor units of its currency; no bound if absent.
    reward_budget bigint CHECK (reward_budget >= 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (account_id, id),
    CONSTRAINT programs_slug_key UNIQUE (account_id, slug)
);
