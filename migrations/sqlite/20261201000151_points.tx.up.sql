-- Where opportunities are, so that what is near is found by an index. What
-- stands in these tables is made of other rows and can be made again: due says
-- for which of them that is to be done. Triggers write there, so that nobody who
-- changes something can forget it. Backups leave both out.

CREATE TABLE search_points (
    object_id TEXT    PRIMARY KEY REFERENCES objects (id) ON DELETE CASCADE,
    latitude  DOUBLE PRECISION, -- NULL when nobody knows where it is
    longitude DOUBLE PRECISION,
    remote    BOOLEAN NOT NULL, -- it can be done from anywhere
    how       TEXT    NOT NULL  -- said, place (by its name), home (the place of the town), none
);
CREATE INDEX search_points_latitude ON search_points (latitude, longitude);
CREATE INDEX search_points_anywhere ON search_points (object_id) WHERE remote OR latitude IS NULL;

CREATE TABLE search_points_due (
    object_id TEXT PRIMARY KEY
);

CREATE TRIGGER search_points_insert AFTER INSERT ON opportunities
BEGIN INSERT INTO search_points_due (object_id) VALUES (NEW.object_id) ON CONFLICT (object_id) DO UPDATE SET object_id = EXCLUDED.object_id; END;
CREATE TRIGGER search_points_update AFTER UPDATE ON opportunities
WHEN NEW.place IS NOT OLD.place OR NEW.latitude IS NOT OLD.latitude OR NEW.longitude IS NOT OLD.longitude OR NEW.remote IS NOT OLD.remote
BEGIN INSERT INTO search_points_due (object_id) VALUES (NEW.object_id) ON CONFLICT (object_id) DO UPDATE SET object_id = EXCLUDED.object_id; END;
CREATE TRIGGER changes_points_insert AFTER INSERT ON search_points
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_points_update AFTER UPDATE ON search_points
BEGIN INSERT INTO changes (object_id) VALUES (''); END;

INSERT INTO search_points_due (object_id) SELECT object_id FROM opportunities;
