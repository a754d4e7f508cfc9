-- How the town speaks: one row, or none for a town that has not chosen.

CREATE TABLE town_words (
    id      TEXT      PRIMARY KEY,
    address TEXT      NOT NULL,
    clubs   TEXT      NOT NULL,
    sign    TEXT      NOT NULL,
    changed TIMESTAMP NOT NULL
);

CREATE TRIGGER changes_town_words_insert AFTER INSERT ON town_words
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_words_update AFTER UPDATE ON town_words
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_words_delete AFTER DELETE ON town_words
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
