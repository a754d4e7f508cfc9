-- The breaker of a host, the way of signing that it takes, and inboxes that are missing.
ALTER TABLE hosts ADD COLUMN strikes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE hosts ADD COLUMN first_strike TIMESTAMPTZ;
ALTER TABLE hosts ADD COLUMN last_failure TIMESTAMPTZ;
ALTER TABLE hosts ADD COLUMN probes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE hosts ADD COLUMN probe_at TIMESTAMPTZ;
ALTER TABLE hosts ADD COLUMN knock TEXT NOT NULL DEFAULT '';
CREATE INDEX hosts_failing ON hosts (host) WHERE failures > 0;
CREATE INDEX hosts_owner ON hosts (owner) WHERE owner <> '';
CREATE INDEX deliveries_missing ON deliveries (inbox) WHERE state = 'failed' AND status = 404;
