-- What the pages that the law asks for are made of: the fields of their forms.

CREATE TABLE town_facts (
    name    TEXT      PRIMARY KEY, -- 'impressum.name'
    value   TEXT      NOT NULL,    -- lines, '' for one that was taken away
    changed TIMESTAMP NOT NULL
);

INSERT INTO town_facts (name, value, changed)
SELECT 'barrierefreiheit.enforcement', enforcement, changed FROM town_look WHERE enforcement <> '';

CREATE TRIGGER changes_town_facts_insert AFTER INSERT ON town_facts
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_facts_update AFTER UPDATE ON town_facts
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
CREATE TRIGGER changes_town_facts_delete AFTER DELETE ON town_facts
BEGIN INSERT INTO changes (object_id) VALUES (''); END;
