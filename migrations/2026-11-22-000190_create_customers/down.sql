DROP TABLE attributions;
DROP TABLE customers;
