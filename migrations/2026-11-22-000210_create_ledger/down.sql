DROP TABLE redemptions;
DROP TABLE balances;
DROP TABLE ledger_transfers;
DROP TABLE ledger_accounts;
