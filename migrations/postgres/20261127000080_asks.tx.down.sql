DROP INDEX inbox_asking;
DROP INDEX inbox_ready;
CREATE INDEX inbox_pending ON inbox (due_at) WHERE state = 'pending';
ALTER TABLE inbox DROP COLUMN asks;
