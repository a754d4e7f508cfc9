-- What an event is about, and when it was to be before it was moved.
ALTER TABLE events ADD COLUMN category TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN previous_start TIMESTAMP;
ALTER TABLE events ADD COLUMN previous_end TIMESTAMP;

-- Lists of one category, or of one place, are read in the order of time.
CREATE INDEX events_category ON events (category, start_time);
CREATE INDEX events_place ON events (place, start_time);
