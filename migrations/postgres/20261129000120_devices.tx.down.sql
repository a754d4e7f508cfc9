DROP INDEX sessions_account;
ALTER TABLE sessions DROP COLUMN seen;
ALTER TABLE sessions DROP COLUMN begun;
ALTER TABLE sessions DROP COLUMN device;
ALTER TABLE sessions DROP COLUMN account_id;
ALTER TABLE sessions DROP COLUMN ref;
