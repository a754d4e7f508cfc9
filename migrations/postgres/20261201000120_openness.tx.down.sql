DROP TRIGGER changes_objections_any ON objections;
DROP TRIGGER changes_decisions_any ON decisions;
DROP TRIGGER changes_reports_any ON reports;
DROP TABLE host_software;
DROP FUNCTION changes_openness();
ALTER TABLE blocks DROP COLUMN unlisted;
