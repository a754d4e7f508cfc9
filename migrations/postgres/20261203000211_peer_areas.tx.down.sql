DROP TRIGGER changes_opportunities_delete ON opportunities;
ALTER TABLE peer_objects DROP COLUMN longitude;
ALTER TABLE peer_objects DROP COLUMN latitude;
ALTER TABLE peers DROP COLUMN their_home;
ALTER TABLE peers DROP COLUMN home;
ALTER TABLE peers DROP COLUMN their_gives_near;
ALTER TABLE peers DROP COLUMN their_asks_near;
ALTER TABLE peers DROP COLUMN gives_near;
ALTER TABLE peers DROP COLUMN asks_near;
