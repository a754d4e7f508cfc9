-- Places with their coordinates, from open data: of a list that comes with the
-- program, or of files that the operator loads.

CREATE TABLE place_sources (
    name    TEXT      PRIMARY KEY, -- shipped, geonames, postal, or the name of a file
    notice  TEXT      NOT NULL DEFAULT '', -- who must be named, and the licence
    version TEXT      NOT NULL DEFAULT '',
    loaded  TIMESTAMP NOT NULL,
    rows    INTEGER   NOT NULL DEFAULT 0
);

CREATE TABLE places (
    id         TEXT    PRIMARY KEY,
    source     TEXT    NOT NULL REFERENCES place_sources (name) ON DELETE CASCADE,
    version    TEXT    NOT NULL DEFAULT '',
    name       TEXT    NOT NULL,
    kind       TEXT    NOT NULL, -- town, part
    land       TEXT    NOT NULL DEFAULT '', -- of Germany, two letters: BB
    district   TEXT    NOT NULL DEFAULT '', -- the name of the Kreis
    ags        TEXT    NOT NULL DEFAULT '', -- the official key of the municipality
    latitude   DOUBLE PRECISION NOT NULL,
    longitude  DOUBLE PRECISION NOT NULL,
    population INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX places_source ON places (source, version);
CREATE INDEX places_latitude ON places (latitude, longitude);

-- Under which words a place is found, folded: lower case, without umlauts and
-- without "an der", "bei" and the like. main is 1 for those of the whole name.
CREATE TABLE place_names (
    fold     TEXT    NOT NULL,
    place_id TEXT    NOT NULL REFERENCES places (id) ON DELETE CASCADE,
    main     INTEGER NOT NULL,
    PRIMARY KEY (fold, place_id)
);
CREATE INDEX place_names_place ON place_names (place_id);

CREATE TABLE place_codes (
    code     TEXT NOT NULL,
    place_id TEXT NOT NULL REFERENCES places (id) ON DELETE CASCADE,
    PRIMARY KEY (code, place_id)
);
CREATE INDEX place_codes_place ON place_codes (place_id);

-- The place of the town itself, from where readers look around.
CREATE TABLE place_home (
    id        TEXT PRIMARY KEY, -- always 'home'
    name      TEXT NOT NULL,
    latitude  DOUBLE PRECISION NOT NULL,
    longitude DOUBLE PRECISION NOT NULL
);

CREATE TRIGGER changes_place_home_insert AFTER INSERT ON place_home
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_place_home_update AFTER UPDATE ON place_home
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_place_home_delete AFTER DELETE ON place_home
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_place_sources_insert AFTER INSERT ON place_sources
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_place_sources_update AFTER UPDATE ON place_sources
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_place_sources_delete AFTER DELETE ON place_sources
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
