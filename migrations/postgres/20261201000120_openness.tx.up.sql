-- What the town says openly of its dealings with others: which entries it keeps
-- to itself, and with what software others run. The page /transparenz shows it,
-- together with numbers of what was reported and decided: what is kept of that
-- page in memory goes by its path.

ALTER TABLE blocks ADD COLUMN unlisted BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE host_software (
    host     TEXT        PRIMARY KEY,
    software TEXT        NOT NULL, -- '' for one that does not say it
    asked    TIMESTAMPTZ NOT NULL
);

CREATE FUNCTION changes_openness() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO changes (object_id) VALUES ('/transparenz');
    RETURN NULL;
END $$;

CREATE TRIGGER changes_host_software_any AFTER INSERT OR DELETE ON host_software FOR EACH STATEMENT EXECUTE FUNCTION changes_openness();
CREATE TRIGGER changes_host_software_update AFTER UPDATE ON host_software FOR EACH ROW
WHEN (OLD.software <> NEW.software) EXECUTE FUNCTION changes_openness();
CREATE TRIGGER changes_reports_any AFTER INSERT OR UPDATE OR DELETE ON reports FOR EACH STATEMENT EXECUTE FUNCTION changes_openness();
CREATE TRIGGER changes_decisions_any AFTER INSERT OR UPDATE OR DELETE ON decisions FOR EACH STATEMENT EXECUTE FUNCTION changes_openness();
CREATE TRIGGER changes_objections_any AFTER INSERT OR UPDATE OR DELETE ON objections FOR EACH STATEMENT EXECUTE FUNCTION changes_openness();
