-- Why something of a club was given back when the town hall looked at it first, ''
-- where it was not. The setting clubs_looked_at_first says how many of the first
-- things of a club wait.

ALTER TABLE looks ADD COLUMN reason TEXT NOT NULL DEFAULT '';
