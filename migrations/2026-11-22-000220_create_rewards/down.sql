DROP TABLE reversals;
DROP TABLE rewards;
DROP TABLE reward_cursors;
