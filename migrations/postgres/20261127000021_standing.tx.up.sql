-- Lanes are claimed by what is expected of their host, and found by the order of their objects.
ALTER TABLE hosts RENAME COLUMN probe_at TO not_before;
ALTER TABLE hosts ADD COLUMN standing SMALLINT NOT NULL DEFAULT 1;
UPDATE hosts SET standing = CASE WHEN failures > 0 THEN 2 WHEN last_success IS NULL THEN 1 ELSE 0 END;
DROP INDEX hosts_owner;
DROP INDEX hosts_due;
CREATE INDEX hosts_due ON hosts (standing, due_at) WHERE due_at IS NOT NULL;
DROP INDEX deliveries_host;
CREATE INDEX deliveries_failed ON deliveries (host) WHERE state = 'failed';
