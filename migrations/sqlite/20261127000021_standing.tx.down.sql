-- Claims lanes by their time alone again.
DROP INDEX deliveries_failed;
CREATE INDEX deliveries_host ON deliveries (host, state, due_at);
DROP INDEX hosts_due;
CREATE INDEX hosts_due ON hosts (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX hosts_owner ON hosts (owner) WHERE owner <> '';
ALTER TABLE hosts DROP COLUMN standing;
ALTER TABLE hosts RENAME COLUMN not_before TO probe_at;
