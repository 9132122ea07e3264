-- What happened to what a partner is owed within a month of the program's calendar, as papers that never change once they are made.
CREATE TABLE statements (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    partner_id uuid NOT NULL,
    currency text NOT NULL,
    -- Its first day.
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    number text NOT NULL,
    status text NOT NULL CHECK (status IN ('PENDING', 'READY')),
    -- What was owed before the month and after it, in minor units.
    opening bigint,
    closing bigint,
    pdf_id uuid,
    csv_id uuid,
    json_id uuid,
    -- Of exactly the bytes of the JSON; absent where the instance had no key.
    signature bytea CHECK (octet_length(signature) = 64),
    key_id text,
    requested_by text NOT NULL,
    created_at timestamptz NOT NULL,
    ready_at timestamptz,
    UNIQUE (account_id, id),
    CONSTRAINT statements_month_key UNIQUE (account_id, partner_id, currency, month),
    CONSTRAINT statements_number_key UNIQUE (account_id, number),
    CONSTRAINT statements_ready CHECK (
        CASE status WHEN 'READY' THEN num_nulls(opening, closing, pdf_id, csv_id, json_id, ready_at) = 0
            ELSE num_nonnulls(opening, closing, pdf_id, csv_id, json_id, signature, key_id, ready_at) = 0 END),
    CONSTRAINT statements_signed CHECK ((signature IS NULL) = (key_id IS NULL)),
    FOREIGN KEY (account_id, program_id, partner_id) REFERENCES partners (account_id, program_id, id),
    FOREIGN KEY (account_id, pdf_id) REFERENCES files (account_id, id),
    FOREIGN KEY (account_id, csv_id) REFERENCES files (account_id, id),
    FOREIGN KEY (account_id, json_id) REFERENCES files (account_id, id)
);
CREATE INDEX statements_partner_idx ON statements (account_id, partner_id, id);
CREATE INDEX statements_pdf_idx ON statements (account_id, pdf_id);
CREATE INDEX statements_csv_idx ON statements (account_id, csv_id);
CREATE INDEX statements_json_idx ON statements (account_id, json_id);
CREATE TRIGGER statements_keep BEFORE DELETE ON statements FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER statements_freeze BEFORE UPDATE ON statements FOR EACH ROW
    WHEN (OLD.status = 'READY' OR
          (NEW.id, NEW.account_id, NEW.program_id, NEW.partner_id, NEW.currency, NEW.month, NEW.number, NEW.requested_by,
           NEW.created_at)
          IS DISTINCT FROM
          (OLD.id, OLD.account_id, OLD.program_id, OLD.partner_id, OLD.currency, OLD.month, OLD.number, OLD.requested_by,
           OLD.created_at))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER statements_keep_all BEFORE TRUNCATE ON statements EXECUTE FUNCTION refuse_change();

-- The next number of an account's self-billing invoices in a year. It is taken under the lock of its row, by the transaction that
-- makes the invoice: none is left out.
CREATE TABLE invoice_numbers (
    account_id uuid NOT NULL REFERENCES accounts (id),
    year integer NOT NULL CHECK (year BETWEEN 1970 AND 9999),
    next integer NOT NULL CHECK (next > 1),
    PRIMARY KEY (account_id, year)
);

-- Invoices that the account makes out to itself for partners who were paid.
CREATE TABLE self_billing_invoices (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    program_id uuid NOT NULL,
    payout_id uuid NOT NULL,
    year integer NOT NULL,
    -- Counted within the year, from 1.
    place integer NOT NULL CHECK (place > 0),
    status text NOT NULL CHECK (status IN ('PENDING', 'READY')),
    pdf_id uuid,
    csv_id uuid,
    json_id uuid,
    signature bytea CHECK (octet_length(signature) = 64),
    key_id text,
    requested_by text NOT NULL,
    created_at timestamptz NOT NULL,
    ready_at timestamptz,
    UNIQUE (account_id, id),
    CONSTRAINT self_billing_invoices_payout_key UNIQUE (account_id, payout_id),
    CONSTRAINT self_billing_invoices_place_key UNIQUE (account_id, year, place),
    CONSTRAINT self_billing_invoices_ready CHECK (
        CASE status WHEN 'READY' THEN num_nulls(pdf_id, csv_id, json_id, ready_at) = 0
            ELSE num_nonnulls(pdf_id, csv_id, json_id, signature, key_id, ready_at) = 0 END),
    CONSTRAINT self_billing_invoices_signed CHECK ((signature IS NULL) = (key_id IS NULL)),
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id),
    FOREIGN KEY (account_id, payout_id) REFERENCES payouts (account_id, id),
    FOREIGN KEY (account_id, pdf_id) REFERENCES files (account_id, id),
    FOREIGN KEY (account_id, csv_id) REFERENCES files (account_id, id),
    FOREIGN KEY (account_id, json_id) REFERENCES files (account_id, id)
);
CREATE INDEX self_billing_invoices_program_idx ON self_billing_invoices (account_id, program_id);
CREATE INDEX self_billing_invoices_pdf_idx ON self_billing_invoices (account_id, pdf_id);
CREATE INDEX self_billing_invoices_csv_idx ON self_billing_invoices (account_id, csv_id);
CREATE INDEX self_billing_invoices_json_idx ON self_billing_invoices (account_id, json_id);
CREATE TRIGGER self_billing_invoices_keep BEFORE DELETE ON self_billing_invoices
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER self_billing_invoices_freeze BEFORE UPDATE ON self_billing_invoices FOR EACH ROW
    WHEN (OLD.status = 'READY' OR
          (NEW.id, NEW.account_id, NEW.program_id, NEW.payout_id, NEW.year, NEW.place, NEW.requested_by, NEW.created_at)
          IS DISTINCT FROM
          (OLD.id, OLD.account_id, OLD.program_id, OLD.payout_id, OLD.year, OLD.place, OLD.requested_by, OLD.created_at))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER self_billing_invoices_keep_all BEFORE TRUNCATE ON self_billing_invoices EXECUTE FUNCTION refuse_change();

-- The month of each program that is stated next, when it can be, and up to which partner that is done.
CREATE TABLE statement_schedules (
    program_id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    due_at timestamptz NOT NULL,
    up_to uuid,
    FOREIGN KEY (account_id, program_id) REFERENCES programs (account_id, id)
);
CREATE INDEX statement_schedules_program_idx ON statement_schedules (account_id, program_id);
CREATE INDEX statement_schedules_due_idx ON statement_schedules (due_at);
