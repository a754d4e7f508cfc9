-- Nothing is searched any more.
DROP TRIGGER search_objects_insert;
DROP TRIGGER search_objects_update;
DROP TRIGGER search_objects_delete;
DROP TRIGGER search_actors_insert;
DROP TRIGGER search_actors_update;
DROP TRIGGER search_actors_rename;
DROP TRIGGER search_actors_delete;
DROP TABLE search_words;
DROP TABLE search_things;
DROP TABLE search_due;
