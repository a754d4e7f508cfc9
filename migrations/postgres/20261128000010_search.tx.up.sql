-- Search. What stands in these tables is made of other rows and can be made
-- again: search_due says for which of them that is to be done. Triggers write
-- there, so that nobody who changes something can forget it. Backups leave both
-- out.

CREATE TABLE search_due (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id  TEXT   NOT NULL
);

-- key is the time of a thing, so that what is found comes in that order. Words
-- are prepared by the program, the same as in SQLite.
CREATE TABLE search_things (
    key   BIGINT   PRIMARY KEY,
    id    TEXT     NOT NULL UNIQUE,
    words TSVECTOR NOT NULL
);
CREATE INDEX search_words ON search_things USING gin (words);

CREATE FUNCTION search_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_due (id) VALUES (COALESCE(NEW.id, OLD.id));
    RETURN NULL;
END $$;

CREATE FUNCTION search_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_due (id) SELECT id FROM objects WHERE attributed_to = NEW.id AND in_reply_to = '' AND deleted IS NULL;
    RETURN NULL;
END $$;

CREATE TRIGGER search_objects_insert AFTER INSERT ON objects FOR EACH ROW WHEN (NEW.local AND NEW.in_reply_to = '')
EXECUTE FUNCTION search_row();
CREATE TRIGGER search_objects_update AFTER UPDATE ON objects FOR EACH ROW WHEN (NEW.local AND NEW.in_reply_to = '')
EXECUTE FUNCTION search_row();
CREATE TRIGGER search_objects_delete AFTER DELETE ON objects FOR EACH ROW WHEN (OLD.local AND OLD.in_reply_to = '')
EXECUTE FUNCTION search_row();

CREATE TRIGGER search_actors_insert AFTER INSERT ON actors FOR EACH ROW WHEN (NEW.local) EXECUTE FUNCTION search_row();
CREATE TRIGGER search_actors_update AFTER UPDATE ON actors FOR EACH ROW
WHEN (NEW.local AND (OLD.name <> NEW.name OR OLD.summary <> NEW.summary OR OLD.preferred_username <> NEW.preferred_username))
EXECUTE FUNCTION search_row();
-- What a club published is found by the club's name too.
CREATE TRIGGER search_actors_rename AFTER UPDATE ON actors FOR EACH ROW WHEN (NEW.local AND OLD.name <> NEW.name)
EXECUTE FUNCTION search_published();
CREATE TRIGGER search_actors_delete AFTER DELETE ON actors FOR EACH ROW WHEN (OLD.local) EXECUTE FUNCTION search_row();

INSERT INTO search_due (id) SELECT id FROM objects WHERE local AND in_reply_to = '' AND deleted IS NULL ORDER BY published;
INSERT INTO search_due (id) SELECT id FROM actors WHERE local;
