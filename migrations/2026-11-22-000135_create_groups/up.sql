CREATE TABLE groups (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (account_id, id),
    -- What references a group by this key too is of the same program.
    CONSTRAINT groups_program_key UNIQUE (account_id, program_id, id),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id)
);
CREATE UNIQUE INDEX groups_name_key ON groups (program_id, lower(name));
