-- When data that is not used will be used again, a while after its person was
-- told; NULL while that is not planned.
ALTER TABLE restrictions ADD COLUMN ends TIMESTAMPTZ;
