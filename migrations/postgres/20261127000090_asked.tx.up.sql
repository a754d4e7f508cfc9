-- How long a host asked to be left alone, apart from when it is probed.
ALTER TABLE hosts ADD COLUMN asked_until TIMESTAMPTZ;
