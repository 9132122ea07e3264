CREATE TABLE partner_profiles (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id),
    email text NOT NULL CHECK (char_length(email) BETWEEN 3 AND 254),
    name text NOT NULL CHECK (char_length(name) <= 200),
    country text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (account_id, id)
);
CREATE UNIQUE INDEX partner_profiles_email_key ON partner_profiles (account_id, lower(email));

CREATE TABLE partners (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    profile_id uuid NOT NULL,
    key text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 100 AND key = lower(key)),
    status text NOT NULL CHECK (status IN ('PENDING', 'APPROVED', 'SUSPENDED', 'REJECTED')),
    status_reason text CHECK (char_length(status_reason) <= 500),
    tags text[] NOT NULL,
    group_id uuid,
    -- Who recruited this partner. No cycle, and at most 5 above anybody: the verbs look, holding the program's row.
    upline_id uuid CHECK (upline_id <> id),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (account_id, id),
    CONSTRAINT partners_program_key UNIQUE (account_id, program_id, id),
    CONSTRAINT partners_key_key UNIQUE (program_id, key),
    CONSTRAINT partners_profile_key UNIQUE (program_id, profile_id),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, profile_id) REFERENCES partner_profiles (account_id, id),
    CONSTRAINT partners_group_fkey FOREIGN KEY (account_id, program_id, group_id)
        REFERENCES groups (account_id, program_id, id),
    CONSTRAINT partners_upline_fkey FOREIGN KEY (account_id, program_id, upline_id)
        REFERENCES partners (account_id, program_id, id)
);
CREATE INDEX partners_group_idx ON partners (account_id, group_id, id);
CREATE INDEX partners_upline_idx ON partners (account_id, upline_id, id);
-- Applications that wait for a decision.
CREATE INDEX partners_pending_idx ON partners (account_id, program_id, created_at) WHERE status = 'PENDING';
CREATE INDEX partners_profile_id_idx ON partners (account_id, profile_id);
