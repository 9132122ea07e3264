DROP TABLE statement_schedules;
DROP TABLE self_billing_invoices;
DROP TABLE invoice_numbers;
DROP TABLE statements;
