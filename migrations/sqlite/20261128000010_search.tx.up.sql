-- Search. What stands in these tables is made of other rows and can be made
-- again: search_due says for which of them that is to be done. Triggers write
-- there, so that nobody who changes something can forget it. Backups leave all
-- three out.

CREATE TABLE search_due (
    seq INTEGER PRIMARY KEY,
    id  TEXT    NOT NULL
);

-- key is the time of a thing, so that what is found comes in that order.
CREATE TABLE search_things (
    key INTEGER PRIMARY KEY,
    id  TEXT    NOT NULL UNIQUE
);

-- Words are prepared by the program: the ascii tokenizer parts them at blanks.
-- Each begins with the letter of its kind and the digit of its place; what is
-- looked for with three to eight letters is found as quickly as a whole word.
CREATE VIRTUAL TABLE search_words USING fts5(words, content='', contentless_delete=1, detail=none, tokenize='ascii', prefix='5 6 7 8 9 10');

CREATE TRIGGER search_objects_insert AFTER INSERT ON objects WHEN NEW.local AND NEW.in_reply_to = ''
BEGIN INSERT INTO search_due (id) VALUES (NEW.id); END;
CREATE TRIGGER search_objects_update AFTER UPDATE ON objects WHEN NEW.local AND NEW.in_reply_to = ''
BEGIN INSERT INTO search_due (id) VALUES (NEW.id); END;
CREATE TRIGGER search_objects_delete AFTER DELETE ON objects WHEN OLD.local AND OLD.in_reply_to = ''
BEGIN INSERT INTO search_due (id) VALUES (OLD.id); END;

CREATE TRIGGER search_actors_insert AFTER INSERT ON actors WHEN NEW.local
BEGIN INSERT INTO search_due (id) VALUES (NEW.id); END;
CREATE TRIGGER search_actors_update AFTER UPDATE ON actors
WHEN NEW.local AND (OLD.name <> NEW.name OR OLD.summary <> NEW.summary OR OLD.preferred_username <> NEW.preferred_username)
BEGIN INSERT INTO search_due (id) VALUES (NEW.id); END;
-- What a club published is found by the club's name too.
CREATE TRIGGER search_actors_rename AFTER UPDATE ON actors WHEN NEW.local AND OLD.name <> NEW.name
BEGIN INSERT INTO search_due (id) SELECT id FROM objects WHERE attributed_to = NEW.id AND in_reply_to = '' AND deleted IS NULL; END;
CREATE TRIGGER search_actors_delete AFTER DELETE ON actors WHEN OLD.local
BEGIN INSERT INTO search_due (id) VALUES (OLD.id); END;

INSERT INTO search_due (id) SELECT id FROM objects WHERE local AND in_reply_to = '' AND deleted IS NULL ORDER BY published;
INSERT INTO search_due (id) SELECT id FROM actors WHERE local;
