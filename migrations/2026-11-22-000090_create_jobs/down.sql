DROP TABLE queue_workers;
DROP TABLE queue_minutes;
DROP TABLE queue_pauses;
DROP TABLE job_schedules;
DROP TABLE job_history;
DROP TABLE jobs;
