ALTER TABLE restrictions DROP COLUMN ends;
