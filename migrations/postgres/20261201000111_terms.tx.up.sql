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
    changed     TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (list, key)
);
CREATE UNIQUE INDEX terms_slug ON terms (list, slug);

CREATE TRIGGER changes_terms_any AFTER INSERT OR UPDATE OR DELETE ON terms FOR EACH STATEMENT EXECUTE FUNCTION changes_all();
