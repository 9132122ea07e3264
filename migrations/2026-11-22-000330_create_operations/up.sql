-- Work that a person began and that jobs go on with, a batch at a time.
CREATE TABLE operations (
    id uuid PRIMARY KEY,
    -- None for what an operator of the instance began.
    account_id uuid REFERENCES accounts (id),
    kind text NOT NULL CHECK (kind IN ('JOBS_RETRY', 'REWARDS_APPROVE', 'REWARDS_REJECT', 'TERMS_SIMULATE')),
    -- What a person said, of decisions that must be reasoned.
    reason text,
    -- The job that goes on with it, or that ended it. No foreign key: the job's row moves and goes.
    job_id uuid NOT NULL,
    -- Counted when it began, as far as counting went.
    total bigint NOT NULL CHECK (total >= 0),
    total_capped boolean NOT NULL,
    done bigint NOT NULL CHECK (done >= 0),
    started_by text NOT NULL,
    started_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    finished_at timestamptz,
    CONSTRAINT operations_rejections_are_reasoned CHECK ((kind = 'REWARDS_REJECT') = (reason IS NOT NULL)),
    UNIQUE (account_id, id)
);
