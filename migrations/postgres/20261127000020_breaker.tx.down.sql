-- Forgets how hosts are; they are tried and asked anew.
DROP INDEX deliveries_missing;
DROP INDEX hosts_owner;
DROP INDEX hosts_failing;
ALTER TABLE hosts DROP COLUMN knock;
ALTER TABLE hosts DROP COLUMN probe_at;
ALTER TABLE hosts DROP COLUMN probes;
ALTER TABLE hosts DROP COLUMN last_failure;
ALTER TABLE hosts DROP COLUMN first_strike;
ALTER TABLE hosts DROP COLUMN strikes;
