DROP TABLE reward_spending;
DROP TABLE reward_live_sales;
DROP TABLE reward_tallies;
DROP TABLE non_rewards;
DROP TABLE evaluations;
DROP TABLE reward_customers;
DROP TABLE reward_partners;
