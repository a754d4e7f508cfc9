-- Takes the board down again.
ALTER TABLE events DROP COLUMN online_url;
ALTER TABLE reports DROP COLUMN closed;
ALTER TABLE reports DROP COLUMN account_id;
DROP TABLE club_blocks;
DROP TABLE edits;
ALTER TABLE reactions DROP COLUMN received;
ALTER TABLE objects DROP COLUMN received;
DROP TABLE uploads;
DROP TABLE throttles;
DROP TABLE sessions;
ALTER TABLE accounts DROP COLUMN news_read;
ALTER TABLE accounts DROP COLUMN epoch;
