-- The job ledger: PostgreSQL holds the truth about every job (docs/adr/0002-own-apalis-backend.md, crates/queue).
--
-- `account_id` has no foreign key: a job may outlive or belong to no account, the table of accounts is created by a
-- later migration, and a lock on the account's row for every enqueue would cost more than it guards.

-- What waits or runs. A row that ends moves to job_history in the transaction that ends it.
CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    account_id uuid,
    queue text NOT NULL,
    -- An explicit, stored name such as rewards.compute; never derived from a Rust type.
    kind text NOT NULL,
    args jsonb NOT NULL,
    unique_key text,
    priority smallint NOT NULL DEFAULT 0,
    state text NOT NULL CONSTRAINT jobs_state_known CHECK (state IN ('scheduled', 'ready', 'running')),
    run_at timestamptz NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL CONSTRAINT jobs_max_attempts_positive CHECK (max_attempts > 0),
    crashes_alone smallint NOT NULL DEFAULT 0,
    -- Its worker died while this job ran: the next run has the process for itself.
    alone boolean NOT NULL DEFAULT false,
    lease_until timestamptz,
    lease_token uuid,
    -- When the id was last pushed to the lane; null: not pushed since it became ready.
    dispatched_at timestamptz,
    -- [{"attempt": 1, "at": "...", "error": "..."}], oldest first.
    errors jsonb NOT NULL DEFAULT '[]',
    -- W3C traceparent of the request that enqueued it first, if it brought one, and the id of that request.
    trace text,
    request_id text,
    -- The run under way: since when, and in which process (queue_workers).
    started_at timestamptz,
    worker_id uuid,
    created_at timestamptz NOT NULL,
    CONSTRAINT jobs_attempt_within_bounds CHECK (attempt BETWEEN 0 AND max_attempts),
    CONSTRAINT jobs_lease_while_running CHECK (
        (state = 'running') = (lease_token IS NOT NULL) AND (state = 'running') = (lease_until IS NOT NULL)
    )
) WITH (
    fillfactor = 80,
    -- A queue's table is small and all churn: vacuum early and at full speed, or the partial indexes fill with the dead.
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0
);

-- At most one waiting row per kind and key. A running twin does not count: a fact that comes while it runs gets its own row.
CREATE UNIQUE INDEX jobs_waiting_twin ON jobs (kind, unique_key)
    WHERE unique_key IS NOT NULL AND state IN ('scheduled', 'ready');
CREATE INDEX jobs_scheduled ON jobs (queue, run_at) WHERE state = 'scheduled';
CREATE INDEX jobs_ready ON jobs (queue, kind, priority DESC, run_at, id) WHERE state = 'ready' AND dispatched_at IS NULL;
CREATE INDEX jobs_dispatched ON jobs (queue, kind, dispatched_at) WHERE state = 'ready' AND dispatched_at IS NOT NULL;
CREATE INDEX jobs_running ON jobs (lease_until) WHERE state = 'running';
-- For kinds of which only one run per key may be under way: a claim looks here.
CREATE INDEX jobs_running_twin ON jobs (kind, unique_key) WHERE unique_key IS NOT NULL AND state = 'running';

-- What ended, for operators. One name to read from; two trees beneath it, because what is done may go after 7 days and what
-- died or was cancelled is kept for 90; the one is partitioned by day and the other by week, and partitions are dropped whole.
CREATE TABLE job_history (
    id uuid NOT NULL,
    account_id uuid,
    queue text NOT NULL,
    kind text NOT NULL,
    args jsonb NOT NULL,
    unique_key text,
    priority smallint NOT NULL,
    state text NOT NULL CONSTRAINT job_history_state_known CHECK (state IN ('done', 'superseded', 'dead', 'cancelled')),
    run_at timestamptz NOT NULL,
    attempt integer NOT NULL,
    max_attempts integer NOT NULL,
    crashes_alone smallint NOT NULL,
    errors jsonb NOT NULL,
    trace text,
    request_id text,
    -- The last run.
    started_at timestamptz,
    worker_id uuid,
    created_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    PRIMARY KEY (id, state, finished_at)
) PARTITION BY LIST (state);

CREATE TABLE job_history_brief PARTITION OF job_history FOR VALUES IN ('done', 'superseded')
    PARTITION BY RANGE (finished_at);
CREATE TABLE job_history_long PARTITION OF job_history FOR VALUES IN ('dead', 'cancelled')
    PARTITION BY RANGE (finished_at);
-- What the figures of a queue count: without the state in it, counting would look at every row.
CREATE INDEX job_history_long_queue ON job_history_long (queue, finished_at) WHERE state = 'dead';
-- What an account's overview counts.
CREATE INDEX job_history_long_dead ON job_history_long (account_id, finished_at) WHERE state = 'dead';
-- An account's own jobs among those of all; whatever else is asked for goes by the primary key, in the order of ids.
CREATE INDEX job_history_account ON job_history (account_id, id);

-- Partitions are created ahead (queue::history); a row without one lands here and is moved when it gets one.
CREATE TABLE job_history_brief_default PARTITION OF job_history_brief DEFAULT;
CREATE TABLE job_history_long_default PARTITION OF job_history_long DEFAULT;

-- One row per schedule of the code; the row's lock and its next slot are what keeps two dispatchers from firing twice.
CREATE TABLE job_schedules (
    name text PRIMARY KEY,
    every_secs integer NOT NULL CONSTRAINT job_schedules_every_positive CHECK (every_secs > 0),
    next_run_at timestamptz NOT NULL,
    last_run_at timestamptz
);

-- A queue with a row here is paused: nothing of it is dispatched or claimed.
CREATE TABLE queue_pauses (
    queue text PRIMARY KEY,
    paused_at timestamptz NOT NULL,
    paused_by text NOT NULL
);

-- How many jobs ended, by queue and minute: each process adds its own every few seconds, so that throughput is known without
-- counting the history. A day is kept.
CREATE TABLE queue_minutes (
    queue text NOT NULL,
    minute timestamptz NOT NULL,
    ended bigint NOT NULL,
    PRIMARY KEY (queue, minute)
);

-- The processes that work, each seen again every few seconds. A day is kept.
CREATE TABLE queue_workers (
    id uuid PRIMARY KEY,
    queues text[] NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    claimed_at timestamptz
);
