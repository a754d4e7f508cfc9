-- For how many days what is kept, where the town hall has set it. The page
-- /transparenz says so to everybody.

CREATE TABLE retention (
    name TEXT    PRIMARY KEY,
    days INTEGER NOT NULL
);

CREATE TRIGGER changes_retention_any AFTER INSERT OR UPDATE OR DELETE ON retention FOR EACH STATEMENT EXECUTE FUNCTION changes_all();
