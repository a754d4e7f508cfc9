DROP TABLE posts;
DROP TRIGGER changes_clubs_any ON clubs;
ALTER TABLE clubs DROP COLUMN website;
ALTER TABLE clubs DROP COLUMN field;
ALTER TABLE actors DROP COLUMN attachment;
