-- An email that was intended: template, recipient and subject by id. What it says is rendered when it is sent. Emails
-- about a user's own log-in are of no account.
CREATE TABLE email_messages (
    id uuid PRIMARY KEY,
    account_id uuid REFERENCES accounts (id),
    template text NOT NULL,
    recipient text NOT NULL,
    subject text NOT NULL,
    dedupe_key text NOT NULL CONSTRAINT email_messages_dedupe_key UNIQUE,
    status text NOT NULL CHECK (status IN ('QUEUED', 'SENT', 'FAILED', 'BOUNCED', 'DROPPED')),
    attempts integer NOT NULL DEFAULT 0,
    last_error text,
    sent_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (account_id, id)
);
-- What waits or went wrong, among millions that were sent.
CREATE INDEX email_messages_unsent_idx ON email_messages (account_id, id) WHERE status <> 'SENT';
-- What did not arrive lately.
CREATE INDEX email_messages_missed_idx ON email_messages (account_id, status, updated_at)
    WHERE status IN ('FAILED', 'BOUNCED');
