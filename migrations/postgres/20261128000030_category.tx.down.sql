DROP INDEX events_place;
DROP INDEX events_category;
ALTER TABLE events DROP COLUMN previous_end;
ALTER TABLE events DROP COLUMN previous_start;
ALTER TABLE events DROP COLUMN category;
