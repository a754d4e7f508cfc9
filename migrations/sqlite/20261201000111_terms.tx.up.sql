-- The town's own lists of words: what events are about, what clubs do. A list
-- without a row is the one that comes with the program.

CREATE TABLE terms (
    list        TEXT    NOT NULL, -- 'event' or 'club'
    key         TEXT    NOT NULL, -- as it stands on things
    slug        TEXT    NOT NULL, -- as addresses have it
    word_de     TEXT    NOT NULL,
    word_en     TEXT    NOT NULL,
    position    INTEGER NOT NULL,
    retired     BOOLEAN NOT NULL DEFAULT FALSE,
    merged_into TEXT    NOT NULL DEFAULT '', -- the key of another one
    changed     TIMESTAMP NOT NULL,
    PRIMARY KEY (list, key)
);
CREATE UNIQUE INDEX terms_slug ON terms (list, slug);

CREATE TRIGGER changes_terms_insert AFTER INSERT ON terms
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_terms_update AFTER UPDATE ON terms
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_terms_delete AFTER DELETE ON terms
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
