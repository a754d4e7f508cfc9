ALTER TABLE clubs DROP COLUMN verified;
ALTER TABLE actors DROP COLUMN archived;
