DROP TABLE payout_results;
DROP TABLE payout_schedules;
DROP TABLE payout_items;
DROP TABLE payouts;
DROP TABLE payout_attempts;
DROP TABLE payout_submissions;
DROP TABLE payout_batches;
