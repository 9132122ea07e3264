CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    hint text NOT NULL,
    token_hash bytea NOT NULL CONSTRAINT api_keys_token_key UNIQUE,
    permissions text[] NOT NULL,
    created_by text NOT NULL,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (account_id, id)
);
CREATE INDEX api_keys_created_by_idx ON api_keys (account_id, created_by);

-- No row for a key or a member means all programs.
CREATE TABLE api_key_programs (
    account_id uuid NOT NULL,
    api_key_id uuid NOT NULL,
    program_id uuid NOT NULL,
    PRIMARY KEY (account_id, api_key_id, program_id),
    FOREIGN KEY (account_id, api_key_id) REFERENCES api_keys (account_id, id),
    CONSTRAINT api_key_programs_program_fkey
        FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id)
);
CREATE INDEX api_key_programs_program_id_idx ON api_key_programs (account_id, program_id);

CREATE TABLE member_programs (
    account_id uuid NOT NULL,
    member_id uuid NOT NULL,
    program_id uuid NOT NULL,
    PRIMARY KEY (account_id, member_id, program_id),
    FOREIGN KEY (account_id, member_id) REFERENCES members (account_id, id),
    CONSTRAINT member_programs_program_fkey
        FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id)
);
CREATE INDEX member_programs_program_id_idx ON member_programs (account_id, program_id);
