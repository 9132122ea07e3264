-- Who was asked to join the team. The token of the link stands nowhere: it is derived from the id and the rotation when the
-- email is rendered, and found again by its hash.
CREATE TABLE invites (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts (id),
    -- In lower case, as the log-in of a user.
    email text NOT NULL CHECK (char_length(email) BETWEEN 3 AND 254),
    role text NOT NULL CHECK (role IN ('OWNER', 'ADMIN', 'MANAGER', 'FINANCE', 'VIEWER')),
    message text CHECK (char_length(message) BETWEEN 1 AND 500),
    status text NOT NULL CHECK (status IN ('PENDING', 'ACCEPTED', 'REVOKED', 'EXPIRED')),
    rotation integer NOT NULL CHECK (rotation >= 1),
    token_hash bytea NOT NULL CONSTRAINT invites_token_key UNIQUE,
    -- Who answers for it: the inviter, or whoever sent it again last.
    invited_by text NOT NULL,
    -- How often its email was asked for.
    send_count integer NOT NULL CHECK (send_count >= 1),
    asked_at timestamptz NOT NULL,
    -- What became of the latest email.
    delivery text NOT NULL CHECK (delivery IN ('QUEUED', 'SENT', 'BOUNCED', 'FAILED')),
    delivery_error text,
    last_sent_at timestamptz,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (account_id, id)
);
CREATE UNIQUE INDEX invites_pending_key ON invites (account_id, email) WHERE status = 'PENDING';
-- How often an address was written to, whatever became of its invites.
CREATE INDEX invites_email_idx ON invites (account_id, email);
-- How many the account invited within a day.
CREATE INDEX invites_created_at_idx ON invites (account_id, created_at);
CREATE INDEX invites_due_idx ON invites (expires_at) WHERE status = 'PENDING';

-- No row means all programs.
CREATE TABLE invite_programs (
    account_id uuid NOT NULL,
    invite_id uuid NOT NULL,
    program_id uuid NOT NULL,
    PRIMARY KEY (account_id, invite_id, program_id),
    FOREIGN KEY (account_id, invite_id) REFERENCES invites (account_id, id),
    CONSTRAINT invite_programs_program_fkey
        FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id)
);
CREATE INDEX invite_programs_program_id_idx ON invite_programs (account_id, program_id);
