DROP TABLE attributions;
ALTER TABLE partners DROP COLUMN customer_id;
DROP TABLE customers;
