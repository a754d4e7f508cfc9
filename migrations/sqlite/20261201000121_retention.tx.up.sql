-- For how many days what is kept, where the town hall has set it. The page
-- /transparenz says so to everybody.

CREATE TABLE retention (
    name TEXT    PRIMARY KEY,
    days INTEGER NOT NULL
);

CREATE TRIGGER changes_retention_insert AFTER INSERT ON retention
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_retention_update AFTER UPDATE ON retention
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_retention_delete AFTER DELETE ON retention
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
