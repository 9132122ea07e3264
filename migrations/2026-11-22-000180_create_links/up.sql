CREATE TABLE links (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    partner_id uuid NOT NULL,
    slug text NOT NULL CHECK (char_length(slug) BETWEEN 1 AND 100 AND slug = lower(slug)),
    destination text NOT NULL CHECK (char_length(destination) <= 2000),
    is_default boolean NOT NULL,
    status text NOT NULL CHECK (status IN ('ACTIVE', 'DISABLED')),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (account_id, id),
    CONSTRAINT links_slug_key UNIQUE (program_id, slug),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, partner_id) REFERENCES partners (account_id, id)
);
CREATE UNIQUE INDEX links_one_default_key ON links (partner_id) WHERE is_default;
CREATE INDEX links_program_idx ON links (account_id, program_id, id);
CREATE INDEX links_partner_idx ON links (account_id, partner_id, id);
