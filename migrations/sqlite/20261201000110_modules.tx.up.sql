-- What the town does not use: a row for each kind of thing of a module that is
-- off, or one with the name of the module when it has none.

CREATE TABLE modules_off (
    kind    TEXT      PRIMARY KEY,
    module  TEXT      NOT NULL,
    changed TIMESTAMP NOT NULL
);

CREATE TRIGGER changes_modules_off_insert AFTER INSERT ON modules_off
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_modules_off_update AFTER UPDATE ON modules_off
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_modules_off_delete AFTER DELETE ON modules_off
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
