-- Since when a club of ours is a part of another one, which moved_to names.

ALTER TABLE actors ADD COLUMN merged TIMESTAMPTZ;
CREATE INDEX actors_merged ON actors (moved_to) WHERE merged IS NOT NULL;
