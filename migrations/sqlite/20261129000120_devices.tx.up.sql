-- Who is signed in where: what a session says of itself, so that a person can
-- see and end each. Sessions from before are entered when they are next used.

ALTER TABLE sessions ADD COLUMN ref TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN account_id TEXT NOT NULL DEFAULT ''; -- '' while nobody is signed in
ALTER TABLE sessions ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN begun TIMESTAMP;
ALTER TABLE sessions ADD COLUMN seen TIMESTAMP; -- to the hour
CREATE INDEX sessions_account ON sessions (account_id);
