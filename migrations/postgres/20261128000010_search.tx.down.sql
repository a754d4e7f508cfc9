-- Nothing is searched any more.
DROP TRIGGER search_objects_insert ON objects;
DROP TRIGGER search_objects_update ON objects;
DROP TRIGGER search_objects_delete ON objects;
DROP TRIGGER search_actors_insert ON actors;
DROP TRIGGER search_actors_update ON actors;
DROP TRIGGER search_actors_rename ON actors;
DROP TRIGGER search_actors_delete ON actors;
DROP FUNCTION search_row();
DROP FUNCTION search_published();
DROP TABLE search_things;
DROP TABLE search_due;
