DROP TABLE partners;
DROP TABLE partner_profiles;
