-- What the town does not use: a row for each kind of thing of a module that is
-- off, or one with the name of the module when it has none.

CREATE TABLE modules_off (
    kind    TEXT      PRIMARY KEY,
    module  TEXT      NOT NULL,
    changed TIMESTAMPTZ NOT NULL
);

CREATE TRIGGER changes_modules_off_any AFTER INSERT OR UPDATE OR DELETE ON modules_off FOR EACH ROW EXECUTE FUNCTION changes_all();
