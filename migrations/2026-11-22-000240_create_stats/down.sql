DROP TABLE partner_days;
DROP TABLE program_hours;
DROP TABLE program_days;
DROP TABLE stat_deltas;
