DROP TABLE orphans;
DROP TABLE invitations;
DROP TABLE applications;
DROP TABLE registrations;
