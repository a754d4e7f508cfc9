DROP TABLE account_events;
DROP TABLE address_changes;
DROP TABLE recovery_codes;
DROP TABLE factors;
