DROP TABLE posts;
DROP TRIGGER changes_clubs_update;
DROP TRIGGER changes_clubs_insert;
ALTER TABLE clubs DROP COLUMN website;
ALTER TABLE clubs DROP COLUMN field;
ALTER TABLE actors DROP COLUMN attachment;
