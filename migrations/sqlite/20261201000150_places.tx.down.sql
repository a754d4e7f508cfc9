DROP TABLE place_home;
DROP TABLE place_codes;
DROP TABLE place_names;
DROP TABLE places;
DROP TABLE place_sources;
