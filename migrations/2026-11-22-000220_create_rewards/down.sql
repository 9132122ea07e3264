DROP TABLE non_rewards;
DROP TABLE reversals;
DROP TABLE rewards;
DROP TABLE evaluations;
DROP TABLE reward_customers;
DROP TABLE reward_partners;
DROP TABLE reward_cursors;
