DROP INDEX actors_merged;
ALTER TABLE actors DROP COLUMN merged;
