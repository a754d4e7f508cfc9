DROP TABLE peer_objects;
DROP TABLE peers;
