-- Takes the column down again.
ALTER TABLE hosts DROP COLUMN ed25519;
