DROP TRIGGER care_actors_update ON actors;
DROP TRIGGER care_objects_update ON objects;
DROP FUNCTION care_fresh();
DROP TABLE hints;
DROP TABLE care_rounds;
DROP TABLE care_rules;
DROP TABLE care;
ALTER TABLE actors DROP COLUMN stale;
ALTER TABLE objects DROP COLUMN stale;
