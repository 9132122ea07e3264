-- What happened. A verb inserts its event without a position; the sequencer gives the position, and with it a place in
-- the feed. Ids of subject, actor and cause are written as TypeIDs; payloads hold ids and small facts, no personal data.
CREATE TABLE events (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL CONSTRAINT events_id_key UNIQUE,
    account_id uuid NOT NULL REFERENCES accounts (id),
    program_id uuid,
    kind text NOT NULL,
    subject text NOT NULL,
    actor text NOT NULL,
    request_id text,
    -- The W3C traceparent that the request brought.
    trace text,
    payload jsonb NOT NULL,
    -- History (an import, a demo): it counts like any event, and nobody is told of it.
    quiet boolean NOT NULL DEFAULT false,
    at timestamptz NOT NULL,
    position bigint,
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id)
);
CREATE INDEX events_unsequenced_idx ON events (seq) WHERE position IS NULL;
-- Live followers: each process reads the new events of all accounts once.
CREATE UNIQUE INDEX events_position_idx ON events (position) WHERE position IS NOT NULL;
CREATE UNIQUE INDEX events_feed_idx ON events (account_id, position) WHERE position IS NOT NULL;
CREATE INDEX events_program_idx ON events (program_id, position) WHERE position IS NOT NULL;

-- The one row that positions are counted from.
CREATE TABLE event_counter (
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    position bigint NOT NULL
);
INSERT INTO event_counter (position) VALUES (0);

CREATE TRIGGER events_keep BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_freeze BEFORE UPDATE ON events FOR EACH ROW
    WHEN (OLD.position IS NOT NULL
          OR (NEW.seq, NEW.id, NEW.account_id, NEW.program_id, NEW.kind, NEW.subject, NEW.actor, NEW.request_id, NEW.trace,
              NEW.payload, NEW.quiet, NEW.at)
             IS DISTINCT FROM
             (OLD.seq, OLD.id, OLD.account_id, OLD.program_id, OLD.kind, OLD.subject, OLD.actor, OLD.request_id, OLD.trace,
              OLD.payload, OLD.quiet, OLD.at))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_keep_all BEFORE TRUNCATE ON events EXECUTE FUNCTION refuse_change();
