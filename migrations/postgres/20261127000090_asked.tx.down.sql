-- Forgets what hosts asked for.
ALTER TABLE hosts DROP COLUMN asked_until;
