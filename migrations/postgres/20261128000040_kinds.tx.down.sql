DROP TABLE posts;
DROP TRIGGER changes_clubs_any ON clubs;
DROP INDEX clubs_field;
DROP INDEX actors_directory;
ALTER TABLE clubs DROP COLUMN website;
ALTER TABLE clubs DROP COLUMN field;
ALTER TABLE actors DROP COLUMN attachment;
