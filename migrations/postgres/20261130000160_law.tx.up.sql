-- What the pages that the law asks for are made of: the fields of their forms.

CREATE TABLE town_facts (
    name    TEXT        PRIMARY KEY, -- 'impressum.name'
    value   TEXT        NOT NULL,    -- lines, '' for one that was taken away
    changed TIMESTAMPTZ NOT NULL
);

INSERT INTO town_facts (name, value, changed)
SELECT 'barrierefreiheit.enforcement', enforcement, changed FROM town_look WHERE enforcement <> '';

CREATE TRIGGER changes_town_facts_any AFTER INSERT OR UPDATE OR DELETE ON town_facts FOR EACH ROW EXECUTE FUNCTION changes_all();
