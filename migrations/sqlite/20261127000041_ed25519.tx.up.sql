-- What is known of a host and Ed25519: 0 nothing, 1 that it verifies it, 2 that
-- it refuses it.
ALTER TABLE hosts ADD COLUMN ed25519 INTEGER NOT NULL DEFAULT 0;
