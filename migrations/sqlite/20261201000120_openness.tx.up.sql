-- What the town says openly of its dealings with others: which entries it keeps
-- to itself, and with what software others run. The page /transparenz shows it,
-- together with numbers of what was reported and decided: what is kept of that
-- page in memory goes by its path.

ALTER TABLE blocks ADD COLUMN unlisted BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE host_software (
    host     TEXT      PRIMARY KEY,
    software TEXT      NOT NULL, -- '' for one that does not say it
    asked    TIMESTAMP NOT NULL
);

CREATE TRIGGER changes_host_software_insert AFTER INSERT ON host_software
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
CREATE TRIGGER changes_host_software_update AFTER UPDATE ON host_software WHEN OLD.software <> NEW.software
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
CREATE TRIGGER changes_host_software_delete AFTER DELETE ON host_software
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
CREATE TRIGGER changes_reports_insert AFTER INSERT ON reports
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
CREATE TRIGGER changes_reports_update AFTER UPDATE ON reports
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
CREATE TRIGGER changes_reports_delete AFTER DELETE ON reports
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
CREATE TRIGGER changes_decisions_insert AFTER INSERT ON decisions
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
CREATE TRIGGER changes_decisions_update AFTER UPDATE ON decisions
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
CREATE TRIGGER changes_decisions_delete AFTER DELETE ON decisions
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
CREATE TRIGGER changes_objections_insert AFTER INSERT ON objections
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
CREATE TRIGGER changes_objections_update AFTER UPDATE ON objections
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
CREATE TRIGGER changes_objections_delete AFTER DELETE ON objections
BEGIN INSERT INTO changes (object_id) VALUES ('/transparenz'); END;
