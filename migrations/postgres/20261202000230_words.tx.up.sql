-- How the town speaks: one row, or none for a town that has not chosen.

CREATE TABLE town_words (
    id      TEXT      PRIMARY KEY,
    address TEXT      NOT NULL,
    clubs   TEXT      NOT NULL,
    sign    TEXT      NOT NULL,
    changed TIMESTAMPTZ NOT NULL
);

CREATE TRIGGER changes_town_words_any AFTER INSERT OR UPDATE OR DELETE ON town_words FOR EACH ROW EXECUTE FUNCTION changes_all();
