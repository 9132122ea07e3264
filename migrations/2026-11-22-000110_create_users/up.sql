-- People belong to no account: one user may be a member of many.
CREATE TABLE users (
    id uuid PRIMARY KEY,
    -- Stored in lower case: the log-in, whatever the case it is typed in.
    email text NOT NULL CONSTRAINT users_email_key UNIQUE CHECK (char_length(email) BETWEEN 3 AND 254),
    name text NOT NULL CHECK (char_length(name) <= 200),
    password_hash text NOT NULL,
    locale text NOT NULL,
    status text NOT NULL CHECK (status IN ('UNVERIFIED', 'ACTIVE', 'DISABLED')),
    instance_operator boolean NOT NULL DEFAULT false,
    verify_rotation integer NOT NULL DEFAULT 0,
    verify_token_hash bytea CONSTRAINT users_verify_token_key UNIQUE,
    verify_expires_at timestamptz,
    -- How often the password was set.
    password_version integer NOT NULL DEFAULT 1,
    reset_rotation integer NOT NULL DEFAULT 0,
    reset_token_hash bytea CONSTRAINT users_reset_token_key UNIQUE,
    reset_expires_at timestamptz,
    -- An address that waits to be proven. It takes nothing from anybody until then, so it is not unique.
    new_email text CHECK (char_length(new_email) BETWEEN 3 AND 254),
    email_rotation integer NOT NULL DEFAULT 0,
    email_token_hash bytea CONSTRAINT users_email_token_key UNIQUE,
    email_expires_at timestamptz,
    -- The addresses before each change, in their order: each is told of its own.
    former_emails text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT users_reset_whole_check CHECK ((reset_token_hash IS NULL) = (reset_expires_at IS NULL)),
    CONSTRAINT users_email_change_whole_check CHECK (num_nulls(new_email, email_token_hash, email_expires_at) IN (0, 3))
);

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    token_hash bytea NOT NULL CONSTRAINT sessions_token_key UNIQUE,
    user_agent text,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX sessions_user_id_idx ON sessions (user_id);
