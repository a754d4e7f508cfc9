DROP TRIGGER search_points_update;
DROP TRIGGER search_points_insert;
DROP TABLE search_points_due;
DROP TABLE search_points;
