DROP TABLE transaction_items;
DROP TABLE transactions;
