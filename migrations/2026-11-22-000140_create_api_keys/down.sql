DROP TABLE member_programs;
DROP TABLE api_key_programs;
DROP TABLE api_keys;
