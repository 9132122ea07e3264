-- The tenant. Every other table of the business carries its id.
CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    base_currency text NOT NULL,
    time_zone text NOT NULL,
    country text,
    locale text NOT NULL,
    status text NOT NULL CHECK (status IN ('ACTIVE', 'SUSPENDED', 'CLOSED')),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- Who it is on invoices and to tax offices; the lines of the address are separated by line feeds.
    company text CHECK (char_length(company) <= 200),
    address text CHECK (char_length(address) <= 500),
    tax_id text CHECK (char_length(tax_id) <= 50)
);

-- What is called append-only is so by the database, whatever the code says.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
