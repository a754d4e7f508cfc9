-- Lists of coming events begin with those that have begun and not ended. Without
-- this index they are looked for among all that ever were.
CREATE INDEX events_ends ON events (COALESCE(end_time, start_time), start_time);

-- The directory of clubs is read a page at a time.
CREATE INDEX actors_clubs ON actors (LOWER(name), id) WHERE local AND type = 'Group';
