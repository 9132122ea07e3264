CREATE TABLE members (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id),
    user_id uuid NOT NULL REFERENCES users (id),
    role text NOT NULL CHECK (role IN ('OWNER', 'ADMIN', 'MANAGER', 'FINANCE', 'VIEWER')),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (account_id, id),
    CONSTRAINT members_account_user_key UNIQUE (account_id, user_id)
);
CREATE INDEX members_user_id_idx ON members (user_id);
