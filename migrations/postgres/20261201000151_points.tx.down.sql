DROP TRIGGER search_points_update ON opportunities;
DROP TRIGGER search_points_insert ON opportunities;
DROP FUNCTION search_points_again();
DROP TABLE search_points_due;
DROP TABLE search_points;
