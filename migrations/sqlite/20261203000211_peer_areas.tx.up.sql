-- Agreements can say that of events and opportunities only those are shared that lie
-- within some kilometres of a place. What lies nowhere counts as being in its town.
ALTER TABLE peers ADD COLUMN asks_near TEXT NOT NULL DEFAULT ''; -- only what lies there: latitude, longitude, kilometres, name; '' for no limit
ALTER TABLE peers ADD COLUMN gives_near TEXT NOT NULL DEFAULT '';
ALTER TABLE peers ADD COLUMN their_asks_near TEXT NOT NULL DEFAULT '';
ALTER TABLE peers ADD COLUMN their_gives_near TEXT NOT NULL DEFAULT '';
ALTER TABLE peers ADD COLUMN home TEXT NOT NULL DEFAULT ''; -- where they know this town to be
ALTER TABLE peers ADD COLUMN their_home TEXT NOT NULL DEFAULT ''; -- where they are
ALTER TABLE peer_objects ADD COLUMN latitude DOUBLE PRECISION;
ALTER TABLE peer_objects ADD COLUMN longitude DOUBLE PRECISION;
-- What an agreement brought and its end removes leaves the lists at once.
CREATE TRIGGER changes_opportunities_delete AFTER DELETE ON opportunities
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
