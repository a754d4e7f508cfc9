DROP INDEX opportunities_untold;
ALTER TABLE opportunities DROP COLUMN untold;
ALTER TABLE opportunities DROP COLUMN edited;
