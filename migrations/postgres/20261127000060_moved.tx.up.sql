-- When an actor from elsewhere moved last.

ALTER TABLE actors ADD COLUMN moved TIMESTAMPTZ;
