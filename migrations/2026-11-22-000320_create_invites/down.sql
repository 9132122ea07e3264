DROP TABLE invite_programs;
DROP TABLE invites;
