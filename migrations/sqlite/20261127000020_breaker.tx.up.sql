-- The breaker of a host, the way of signing that it takes, and inboxes that are missing.
ALTER TABLE hosts ADD COLUMN strikes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE hosts ADD COLUMN first_strike TIMESTAMP;
ALTER TABLE hosts ADD COLUMN last_failure TIMESTAMP;
ALTER TABLE hosts ADD COLUMN probes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE hosts ADD COLUMN probe_at TIMESTAMP;
ALTER TABLE hosts ADD COLUMN knock TEXT NOT NULL DEFAULT '';
CREATE INDEX hosts_failing ON hosts (host) WHERE failures > 0;
CREATE INDEX hosts_owner ON hosts (owner) WHERE owner <> '';
CREATE INDEX deliveries_missing ON deliveries (inbox) WHERE state = 'failed' AND status = 404;
