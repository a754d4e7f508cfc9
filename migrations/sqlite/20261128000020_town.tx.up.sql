-- What the town says of itself: how it looks, its pages, and the barriers that
-- readers report.

CREATE TABLE town_look (
    id          TEXT    PRIMARY KEY, -- always 'town'
    name        TEXT    NOT NULL,
    colour      TEXT    NOT NULL,    -- '#rrggbb', or '' for that of the program
    accent      TEXT    NOT NULL,
    official    BOOLEAN NOT NULL,
    contact     TEXT    NOT NULL,    -- lines
    enforcement TEXT    NOT NULL,    -- lines
    changed     TIMESTAMP NOT NULL
);

CREATE TABLE town_pictures (
    role       TEXT    PRIMARY KEY, -- 'arms' or 'picture'
    media_type TEXT    NOT NULL,
    url        TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL,
    focal_x    REAL    NOT NULL,
    focal_y    REAL    NOT NULL,
    blurhash   TEXT    NOT NULL
);

-- Every version stays: a town must be able to say what stood there when.
CREATE TABLE town_texts (
    name       TEXT    NOT NULL,
    language   TEXT    NOT NULL,
    changed    TIMESTAMP NOT NULL,
    source     TEXT    NOT NULL, -- Markdown, '' for the starting text
    account_id TEXT    NOT NULL,
    PRIMARY KEY (name, language, changed)
);

ALTER TABLE reports ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE reports ADD COLUMN place TEXT NOT NULL DEFAULT '';
ALTER TABLE reports ADD COLUMN contact TEXT NOT NULL DEFAULT '';

CREATE TRIGGER changes_town_look_insert AFTER INSERT ON town_look
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_look_update AFTER UPDATE ON town_look
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_look_delete AFTER DELETE ON town_look
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_pictures_insert AFTER INSERT ON town_pictures
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_pictures_update AFTER UPDATE ON town_pictures
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_pictures_delete AFTER DELETE ON town_pictures
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_texts_insert AFTER INSERT ON town_texts
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_texts_delete AFTER DELETE ON town_texts
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
