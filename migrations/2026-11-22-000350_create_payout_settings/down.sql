DROP TABLE payees;
DROP TABLE payout_methods;
DROP TABLE payout_policies;
DROP TABLE files;
